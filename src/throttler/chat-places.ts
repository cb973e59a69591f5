import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { type FailedOutcome, overload } from '../errors/failed-outcome.js';

/** A place among the completions in flight. Each of the two is harmless when repeated. */
export interface ChatPlace {
  /** The completion has come whole: from now on the gateway's end waits for it. */
  start(): void;
  /** It is over. */
  release(): void;
}

/** Completions in flight, MAX_CHATS of them. Their calls of tools take places among the calls: chats that wait for tools never block them. */
@Injectable()
export class ChatPlaces {
  private readonly max: number;
  private taken = 0;
  private started = 0;

  constructor(@Inject(SETTINGS) { chat }: Pick<Settings, 'chat'>) {
    this.max = chat.maxChats;
  }

  /** How many have come whole and are not over. */
  get inFlight(): number {
    return this.started;
  }

  /** A place; undefined while none is free. */
  take(): ChatPlace | undefined {
    if (this.taken >= this.max) return undefined;
    this.taken += 1;
    let state: 'taken' | 'started' | 'over' = 'taken';
    return {
      start: () => {
        if (state !== 'taken') return;
        state = 'started';
        this.started += 1;
      },
      release: () => {
        if (state === 'over') return;
        if (state === 'started') this.started -= 1;
        state = 'over';
        this.taken -= 1;
      },
    };
  }

  /** What is answered while no place is free. */
  refusal(): FailedOutcome {
    return overload(`The gateway serves no more than ${this.max} completions at once (MAX_CHATS).`, { limit: this.max }, 1);
  }
}
