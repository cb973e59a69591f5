import { BriefMap } from '@app/mcp-transport';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { type FailedOutcome, overload } from '../errors/failed-outcome.js';

/** A place among the completions in flight. Each of the two is harmless when repeated. */
export interface ChatPlace {
  /** The completion has come whole: from now on the gateway's end waits for it, and has it cut when it waits no longer. */
  start(cut: () => void): void;
  /** It is over. */
  release(): void;
}

/** Completions in flight, MAX_CHATS of them. Their calls of tools take places among the calls: chats that wait for tools never block them. */
@Injectable()
export class ChatPlaces {
  private readonly max: number;
  private taken = 0;
  private count = 0;
  /** Of the completions in flight: has it answered at once. */
  private readonly cuts = new BriefMap<number, () => void>();

  constructor(@Inject(SETTINGS) { chat }: Pick<Settings, 'chat'>) {
    this.max = chat.maxChats;
  }

  /** How many have come whole and are not over. */
  get inFlight(): number {
    return this.cuts.size;
  }

  /** A place; undefined while none is free. */
  take(): ChatPlace | undefined {
    if (this.taken >= this.max) return undefined;
    this.taken += 1;
    const number = ++this.count;
    let isOver = false;
    return {
      start: (cut) => {
        if (!isOver && !this.cuts.has(number)) this.cuts.add(number, cut);
      },
      release: () => {
        if (isOver) return;
        isOver = true;
        this.cuts.delete(number);
        this.taken -= 1;
      },
    };
  }

  /** Has all completions in flight end with what there is. */
  cutAll(): void {
    for (const cut of this.cuts.values()) cut();
  }

  /** What is answered while no place is free. */
  refusal(): FailedOutcome {
    return overload(`The gateway serves no more than ${this.max} completions at once (MAX_CHATS).`, { limit: this.max }, 1);
  }
}
