import type { CallSignal } from '@app/mcp-transport';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import type { RequestContext } from '../correlation/request-context.js';
import { type FailedOutcome, overload } from '../errors/failed-outcome.js';
import { Tally } from './tally.js';
import { WaitingQueue } from './waiting-queue.js';

/** A place among the calls in flight. */
export interface Slot {
  /** It is one of those that are left for callers who hold few. */
  readonly isReserved: boolean;
  /** Whether its client has fewer than ten others, or a tenth of all where that is less. */
  readonly isOfFew: boolean;
  /** That of its call, once it is admitted. */
  context: RequestContext | undefined;
  /** Its call has come whole: from now on the gateway's end waits for it. Harmless when repeated. */
  start(): void;
  /** Gives the place back, while the answer is still being delivered. Harmless when repeated. */
  vacate(): void;
  /** The call is over: gives the place back, if that has not been done. Harmless when repeated. */
  release(): void;
}

/** Places of a gateway that is not told how many: the connections to a server are no more where there are more places. */
const USUAL_PLACES = 100;

type SlotSettings = Pick<Settings, 'maxConnections' | 'reservedConnections' | 'requestTimeoutMs'>;

/**
 * The places of calls and streams in flight, MAX_CONNECTIONS of them for all faces together. One client may hold them all; beside them
 * there are RESERVED_CONNECTIONS, which only clients get who hold fewer than a tenth.
 */
@Injectable()
export class CallSlots {
  private readonly max: number;
  private readonly reserved: number;
  private readonly line: WaitingQueue<Slot>;
  private readonly held = new Tally();
  private readonly started = new Set<Slot>();

  constructor(@Inject(SETTINGS) { maxConnections, reservedConnections, requestTimeoutMs }: SlotSettings) {
    this.max = maxConnections;
    this.reserved = reservedConnections;
    this.line = new WaitingQueue(requestTimeoutMs);
  }

  /** How many calls have come whole and are not over. */
  get inFlight(): number {
    return this.started.size;
  }

  /** Of the calls that have come whole and are not over, the oldest first. */
  *contexts(): Iterable<RequestContext> {
    for (const { context } of this.started) if (context) yield context;
  }

  /** A place; undefined while none is free for this client. */
  take(client: string): Slot | undefined {
    if (this.held.total < this.max) return this.newSlot(client, false);
    return this.held.total < this.max + this.reserved && this.holdsFew(client) ? this.newSlot(client, true) : undefined;
  }

  /**
   * A place as soon as one is free, in the order of those who wait; undefined for one who has left
   * meanwhile, or who has waited for REQUEST_TIMEOUT, or when too many wait.
   */
  wait(client: string, signal: CallSignal): Promise<Slot | undefined> {
    const slot = this.take(client);
    return slot ? Promise.resolve(slot) : this.line.join(client, signal);
  }

  /** What is answered while no place is free. */
  refusal(): FailedOutcome {
    const reason = `The gateway serves no more than ${this.max} calls at once (MAX_CONNECTIONS); the tool did not run.`;
    return overload(reason, { limit: this.max }, 1);
  }

  /** What a call on a reserved place is answered whose server has so many others in flight; undefined where it may be made. */
  refusalFor(server: string, others: number): FailedOutcome | undefined {
    if (others * 2 <= this.max) return undefined;
    const reason = `The MCP server "${server}" holds more than half of the ${this.max} calls that the gateway serves at once (MAX_CONNECTIONS); the tool did not run.`;
    return overload(reason, { limit: this.max }, 1);
  }

  /** For {@link TakenSlot}. */
  noteStart(slot: Slot): void {
    this.started.add(slot);
  }

  /** For {@link TakenSlot}. */
  noteEnd(slot: Slot): void {
    this.started.delete(slot);
  }

  /** For {@link TakenSlot}: whether its client has few others, however many all may have. */
  hasFewOthers(client: string): boolean {
    return (Math.max(this.held.of(client), 1) - 1) * 10 < Math.min(this.max, USUAL_PLACES);
  }

  /** For {@link TakenSlot}. */
  noteVacated(client: string): void {
    this.held.add(client, -1);
    this.line.next((who) => this.take(who));
  }

  private holdsFew(client: string): boolean {
    return this.held.of(client) * 10 < this.max;
  }

  private newSlot(client: string, isReserved: boolean): Slot {
    this.held.add(client, 1);
    return new TakenSlot(this, client, isReserved);
  }
}

class TakenSlot implements Slot {
  context: RequestContext | undefined = undefined;
  private isHeld = true;
  private state: 'taken' | 'started' | 'over' = 'taken';

  constructor(
    private readonly slots: CallSlots,
    private readonly client: string,
    readonly isReserved: boolean,
  ) {}

  get isOfFew(): boolean {
    return this.slots.hasFewOthers(this.client);
  }

  start(): void {
    if (this.state !== 'taken') return;
    this.state = 'started';
    this.slots.noteStart(this);
  }

  vacate(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.slots.noteVacated(this.client);
  }

  release(): void {
    if (this.state === 'started') this.slots.noteEnd(this);
    this.state = 'over';
    // As a BriefMap has it: what a Set has held it may hold for longer.
    this.context = undefined;
    this.vacate();
  }
}
