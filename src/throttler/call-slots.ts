import type { CallSignal } from '@app/mcp-transport';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { type FailedOutcome, temporarilyUnavailable } from '../errors/failed-outcome.js';
import { WaitingLine } from './waiting-line.js';

/** A place among the calls in flight. */
export interface Slot {
  /** Its call has come whole: from now on the gateway's end waits for it. Harmless when repeated. */
  start(): void;
  /** Gives it back; harmless when repeated. */
  release(): void;
}

/** The places of calls and streams in flight, MAX_CONNECTIONS of them for all faces together. */
@Injectable()
export class CallSlots {
  private readonly max: number;
  private readonly line: WaitingLine<Slot>;
  private taken = 0;
  private started = 0;

  constructor(@Inject(SETTINGS) { maxConnections, requestTimeoutMs }: Pick<Settings, 'maxConnections' | 'requestTimeoutMs'>) {
    this.max = maxConnections;
    this.line = new WaitingLine(requestTimeoutMs);
  }

  /** How many calls have come whole and are not over. */
  get inFlight(): number {
    return this.started;
  }

  /** A place; undefined while none is free, or others wait for one. */
  take(): Slot | undefined {
    return this.taken < this.max && this.line.length === 0 ? this.newSlot() : undefined;
  }

  /**
   * A place as soon as one is free, in the order of those who wait; undefined for one who has left
   * meanwhile, or who has waited for REQUEST_TIMEOUT, or when too many wait.
   */
  wait(signal: CallSignal): Promise<Slot | undefined> {
    const slot = this.take();
    return slot ? Promise.resolve(slot) : this.line.join(signal);
  }

  /** What is answered while no place is free. */
  refusal(): FailedOutcome {
    const reason = `The gateway serves no more than ${this.max} calls at once (MAX_CONNECTIONS); the tool did not run.`;
    return temporarilyUnavailable({ reason, limit: this.max }, 1);
  }

  /** For {@link TakenSlot}. */
  noteStart(): void {
    this.started += 1;
  }

  /** For {@link TakenSlot}. */
  noteEnd(hadStarted: boolean): void {
    if (hadStarted) this.started -= 1;
    this.taken -= 1;
    this.line.next(() => this.newSlot());
  }

  private newSlot(): Slot {
    this.taken += 1;
    return new TakenSlot(this);
  }
}

class TakenSlot implements Slot {
  private state: 'taken' | 'started' | 'free' = 'taken';

  constructor(private readonly slots: CallSlots) {}

  start(): void {
    if (this.state !== 'taken') return;
    this.state = 'started';
    this.slots.noteStart();
  }

  release(): void {
    if (this.state === 'free') return;
    const hadStarted = this.state === 'started';
    this.state = 'free';
    this.slots.noteEnd(hadStarted);
  }
}
