import { CallAbort } from '@app/mcp-transport';
import type { TraceContext } from '../../../correlation/trace-context.js';
import type { UserQuestions } from './user-questions.js';
import type { CallArguments } from '../../../call/tool-call-request.js';

/** What a client asked for by one `tool_call`. */
interface CallOrder {
  readonly id: string;
  readonly name: string;
  /** The text of its arguments. */
  readonly text: string;
  /** Of all that was said, however it was written. */
  readonly digest: string;
  readonly idempotencyKey: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly trace: TraceContext | undefined;
}

/** A call of a session from its order to its last frame. */
export class SessionCall {
  readonly signal = new CallAbort();
  /** The client's own time was over before it ended. */
  isLate = false;
  isEnded = false;
  /** What its server has asked, once it is asked for. */
  questions: UserQuestions | undefined;
  private parsed: CallArguments['value'] | undefined;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    readonly order: CallOrder,
    parsed: CallArguments['value'],
  ) {
    this.parsed = parsed;
    if (order.timeoutMs !== undefined) this.timer = setTimeout(() => this.expire(), order.timeoutMs).unref();
  }

  get id(): string {
    return this.order.id;
  }

  get args(): CallArguments {
    const { text } = this.order;
    return { text, value: (this.parsed ??= JSON.parse(text) as CallArguments['value']) };
  }

  /** It waits: its arguments, parsed, may be several times their text. */
  wait(): void {
    this.parsed = undefined;
  }

  /** Bytes that it holds while it waits, about. */
  get bytes(): number {
    return this.order.text.length + this.order.name.length;
  }

  cancel(): void {
    this.signal.abort();
  }

  /** Its last frame is out, or will never be. */
  end(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
  }

  private expire(): void {
    this.isLate = true;
    this.signal.abort();
  }
}
