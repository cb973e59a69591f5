import type { ToolOutcome } from '@app/mcp-openapi';
import { CallAbort } from '@app/mcp-transport';
import { beginServerTime, endServerTime } from '../correlation/server-time.js';
import type { ToolCall } from './tool-call.js';
import type { OnProgress } from './tool-call-request.js';

/** Calls that are made once for all who ask for the same at the same time, by what they ask for. Not more than there are calls in flight. */
export class SharedCalls {
  private readonly running = new Map<string, SharedCall>();

  /** The one that is on its way; undefined where there is none. */
  get(key: string): SharedCall | undefined {
    return this.running.get(key);
  }

  /** Has it done by `work`, for this call and for those that join it. */
  start(key: string, call: ToolCall, work: (call: ToolCall) => Promise<ToolOutcome>, options: SharingOptions = {}): Promise<ToolOutcome> {
    const shared = new SharedCall(call, options, () => {
      // One that was given up is joined by nobody, though it has not ended.
      if (this.running.get(key) === shared) this.running.delete(key);
    });
    this.running.set(key, shared);
    return shared.run(work);
  }
}

interface SharingOptions {
  /** What those who join should know of it. */
  readonly label?: string;
  /** Asked when all who wait for it have left: whether it goes on nevertheless, until it has ended. It is given up unless there is one. */
  readonly goesOn?: (ended: Promise<unknown>) => boolean;
}

/** One call, and those who wait for it. */
class SharedCall {
  readonly label: string | undefined;
  private readonly signal = new CallAbort();
  private readonly listeners = new Set<OnProgress>();
  private waiting = 0;
  private isGoingOn = false;
  private outcome: Promise<ToolOutcome> | undefined;

  constructor(
    /** That which is made. */
    readonly first: ToolCall,
    private readonly options: SharingOptions,
    private readonly ended: () => void,
  ) {
    this.label = options.label;
    this.watch(first);
  }

  /** Does the work on behalf of all: what stops it is that all have left, and what it reports all get. */
  run(work: (call: ToolCall) => Promise<ToolOutcome>): Promise<ToolOutcome> {
    const { first } = this;
    first.signal = this.signal;
    const report: OnProgress = (progress) => {
      for (const listener of this.listeners) listener(progress);
    };
    first.onProgress = report;
    this.outcome = work(first).finally(this.ended);
    return this.outcome;
  }

  /** The outcome for one more; the time that it waits is its server's. */
  async join(call: ToolCall): Promise<ToolOutcome> {
    this.watch(call);
    const { context } = call;
    beginServerTime(context);
    try {
      return await (this.outcome as Promise<ToolOutcome>);
    } finally {
      endServerTime(context);
    }
  }

  private watch({ signal, onProgress }: ToolCall): void {
    this.waiting += 1;
    if (onProgress) this.listeners.add(onProgress);
    const leave = (): void => {
      this.waiting -= 1;
      if (onProgress) this.listeners.delete(onProgress);
      if (this.waiting > 0 || this.isGoingOn) return;
      this.isGoingOn = this.options.goesOn?.(this.outcome as Promise<unknown>) ?? false;
      if (this.isGoingOn) return;
      this.ended();
      this.signal.abort();
    };
    if (!signal.aborted) signal.addEventListener('abort', leave);
    // Its work is about to begin.
    else queueMicrotask(leave);
  }
}
