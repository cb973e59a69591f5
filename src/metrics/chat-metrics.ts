import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { fromZero } from './from-zero.js';
import { METRICS } from './metric-names.js';

/** Who made a completion. */
type ChatMaker = 'assistant' | 'model';
const OUTCOMES = ['answered', 'cut', 'failed', 'left'] as const;
/** How it ended: by a bound of the gateway, by an error, or since its caller left, if not with an answer. */
export type ChatOutcome = (typeof OUTCOMES)[number];

/** Samples of completions. */
@Injectable()
export class ChatMetrics {
  constructor(
    @InjectMetric(METRICS.chatCompletions.name) private readonly completions: Counter,
    @InjectMetric(METRICS.chatRounds.name) private readonly rounds: Counter,
    @InjectMetric(METRICS.chat.name) private readonly seconds: Histogram,
  ) {
    for (const by of ['assistant', 'model']) for (const outcome of OUTCOMES) fromZero(completions, { by, outcome });
    fromZero(rounds, {});
  }

  /** A model is asked. */
  countRound(): void {
    this.rounds.inc();
  }

  /** A completion is over. */
  ended(by: ChatMaker, outcome: ChatOutcome, ms: number): void {
    this.completions.inc({ by, outcome });
    this.seconds.observe({ by }, ms / 1000);
  }
}
