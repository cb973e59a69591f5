import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientInfo, StdioServerSettings } from '../server-settings.js';
import { causeOf } from '../network-error.js';
import type { ConnectionEvents, UpstreamConnection, UpstreamConnector } from '../upstream-connection.js';
import { LateStart } from './late-start.js';
import { StdioStart } from './stdio-start.js';

/** A server that ends again and again is started this often within {@link WINDOW_MS}. */
const MAX_STARTS = 5;
const WINDOW_MS = 60_000;
/** After so long without an answer to the question for its era a server may be one that never answers it; a quarter of a short start time. */
const SILENCE_MS = 10_000;

/** Longest that it takes until a start has failed, with the end of its processes. */
export function longestStartMs({ startTimeoutMs, firstStartTimeoutMs = startTimeoutMs }: StdioServerSettings): number {
  return firstStartTimeoutMs + silenceOf(firstStartTimeoutMs) + 5_000;
}

/** Runs a server as a child and speaks with it over its pipes: one process for lists and calls. */
export class StdioConnector implements UpstreamConnector {
  readonly transport = 'stdio';
  childStarts = 0;
  private starts: number[] = [];
  /** Set once the question for its era was of no use: it is asked no more. */
  private isLegacy = false;
  private hasServed = false;
  private isClosed = false;
  /** Until they have ended, or serve. */
  private readonly open = new Set<StdioStart>();
  /** The one that is spoken of. */
  private last: StdioStart | undefined;
  private lastFailure: string | undefined;

  constructor(
    private readonly settings: StdioServerSettings,
    private readonly clientInfo: ClientInfo,
  ) {}

  async connect(events: ConnectionEvents): Promise<UpstreamConnection> {
    try {
      const start = await this.startUp(events);
      this.open.delete(start);
      this.last = start;
      this.hasServed = true;
      this.lastFailure = undefined;
      return start.connection();
    } catch (error) {
      if (!(error instanceof TooManyStarts)) this.lastFailure = causeOf(error);
      throw error;
    }
  }

  lastWords(): readonly string[] {
    return this.last?.tail.read() ?? [];
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.open].map((start) => start.stop()));
  }

  private async startUp(events: ConnectionEvents): Promise<StdioStart> {
    const isAsked = this.settings.protocol === 'auto' && !this.isLegacy;
    const first = this.begin(events, this.isLegacy || this.settings.protocol === 'legacy');
    if (!isAsked) return first.done;
    try {
      if (!(await this.isSilent(first))) return await first.done;
    } catch (error) {
      if (this.isClosed || !isProbeFailure(error)) throw error;
      return this.asLegacy(this.begin(events, true));
    }
    return this.firstToAnswer(first, events);
  }

  /** Whether nothing came in answer to the question, as long as one may wait for it alone. Rejects as the start does. */
  private async isSilent(first: StdioStart): Promise<boolean> {
    const over = new AbortController();
    const silence = sleep(silenceOf(this.timeoutMs), undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([first.done, silence]).finally(() => over.abort());
    return !first.hasAnswered;
  }

  /**
   * Some servers never answer the question, others have become modern by it and refuse `initialize` from then on. So that neither waits for
   * the other a second process begins with `initialize`: the first that answers serves, the other is ended at once.
   */
  private async firstToAnswer(first: StdioStart, events: ConnectionEvents): Promise<StdioStart> {
    const second = this.second(events);
    if (!second) return first.done;
    try {
      const winner = await Promise.any([first.done, second.done]);
      void this.end(winner === first ? second : first);
      return winner === second ? await this.asLegacy(second) : first;
    } catch (error) {
      throw this.whyBothFailed(error as AggregateError, first, second);
    }
  }

  /** None where that would be one start too many. */
  private second(events: ConnectionEvents): StdioStart | undefined {
    try {
      return this.begin(events, true);
    } catch {
      return undefined;
    }
  }

  private async asLegacy(start: StdioStart): Promise<StdioStart> {
    await start.done;
    this.isLegacy = true;
    return start;
  }

  /** The second may have failed for no other reason than the first beside it. */
  private whyBothFailed({ errors }: AggregateError, first: StdioStart, second: StdioStart): unknown {
    const [ofFirst, ofSecond] = errors as [unknown, unknown];
    this.last = isProbeFailure(ofFirst) ? second : first;
    if (isProbeFailure(ofFirst)) return ofSecond;
    return ofFirst instanceof LateStart && ofSecond instanceof LateStart ? ofFirst.and(ofSecond) : ofFirst;
  }

  private begin(events: ConnectionEvents, isLegacy: boolean): StdioStart {
    if (this.isClosed) throw new Error('The connection was closed.');
    this.countStart();
    const start = new StdioStart(this.settings, this.clientInfo, events, { isLegacy, timeoutMs: this.timeoutMs });
    this.last = start;
    this.open.add(start);
    start.done.catch(() => this.open.delete(start));
    return start;
  }

  private async end(start: StdioStart): Promise<void> {
    await start.stop();
    this.open.delete(start);
  }

  private get timeoutMs(): number {
    const { startTimeoutMs, firstStartTimeoutMs = startTimeoutMs } = this.settings;
    return this.hasServed ? startTimeoutMs : firstStartTimeoutMs;
  }

  private countStart(): void {
    const now = performance.now();
    this.starts = this.starts.filter((at) => now - at < WINDOW_MS);
    const [oldest] = this.starts;
    if (oldest !== undefined && this.starts.length >= MAX_STARTS) {
      throw new TooManyStarts(this.lastFailure ?? this.last?.ownEnd, Math.ceil((WINDOW_MS - (now - oldest)) / 1000));
    }
    this.starts.push(now);
    this.childStarts += 1;
  }
}

class TooManyStarts extends Error {
  constructor(reason: string | undefined, seconds: number) {
    const why = reason === undefined ? '' : `${reason.replace(/\.?$/, '.')} `;
    super(`${why}It was started ${MAX_STARTS} times within a minute; the next start is in ${seconds} s.`);
  }
}

function silenceOf(timeoutMs: number): number {
  return Math.min(SILENCE_MS, timeoutMs / 4);
}

/** The server ended, or answered nonsense, on `server/discover`; one that cannot be started fails otherwise. */
function isProbeFailure(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERA_NEGOTIATION_FAILED';
}
