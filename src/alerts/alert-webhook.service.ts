import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { fetchThrough } from '@app/mcp-transport';
import type { Counter } from 'prom-client';
import { SETTINGS, type Settings } from '../config/settings.js';
import { VERSION } from '../config/version.js';
import { fromZero } from '../metrics/from-zero.js';
import { METRICS } from '../metrics/metric-names.js';
import type { AlertChange } from './alert.js';

/** Alerts that wait to be told; beyond them the oldest is dropped. */
const MAX_WAITING = 100;
/** Longest wait for an answer. */
const DEADLINE_MS = 5_000;
/** Before each try after the first. */
const PAUSES_MS = [1_000, 2_000, 4_000];

type Body = Readonly<Record<string, unknown>>;

/** Undefined: delivered. */
type Problem = { readonly reason: string; readonly mayRetry: boolean } | undefined;

/** Posts alerts to ALERT_WEBHOOK_URL, one after another. The URL may hold a secret: nothing of it is told. */
@Injectable()
export class AlertWebhook implements OnModuleDestroy {
  private readonly waiting: Body[] = [];
  private readonly stopping = new AbortController();
  private readonly logger = new Logger('alerts');
  private isTelling = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'alertWebhook'>,
    @InjectMetric(METRICS.alerts.name) private readonly alerts: Counter,
  ) {
    for (const outcome of ['delivered', 'failed', 'dropped']) fromZero(alerts, { outcome });
  }

  /** Waits for nothing: what becomes of it is told by the log and the metrics. */
  send(change: AlertChange): void {
    this.waiting.push(toBody(change));
    if (this.waiting.length > MAX_WAITING) this.note('dropped', this.waiting.shift() as Body, 'too many wait');
    if (!this.isTelling) void this.tellAll();
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  private async tellAll(): Promise<void> {
    this.isTelling = true;
    for (let body = this.waiting.shift(); body && !this.stopping.signal.aborted; body = this.waiting.shift()) {
      const problem = await this.tell(body);
      this.note(problem ? 'failed' : 'delivered', body, problem?.reason);
    }
    this.isTelling = false;
  }

  private async tell(body: Body): Promise<Problem> {
    let problem = await this.post(body);
    for (const pauseMs of PAUSES_MS) {
      if (!problem?.mayRetry || this.stopping.signal.aborted) break;
      await sleep(pauseMs, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
      problem = await this.post(body);
    }
    return problem;
  }

  private async post(body: Body): Promise<Problem> {
    const { url, proxies } = this.settings.alertWebhook as NonNullable<Settings['alertWebhook']>;
    const signal = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), this.stopping.signal]);
    const headers = { 'content-type': 'application/json' };
    try {
      const init: RequestInit = { method: 'POST', body: JSON.stringify(body), headers, redirect: 'manual', signal };
      const { status, body: answer } = await fetchThrough(new URL(url), init, proxies);
      await answer?.cancel();
      if (status >= 200 && status < 300) return undefined;
      return { reason: `HTTP ${status}`, mayRetry: status >= 500 || status === 429 || status === 408 };
    } catch (error) {
      return { reason: codeOf(error), mayRetry: true };
    }
  }

  private note(outcome: 'delivered' | 'failed' | 'dropped', { alert, state, server }: Body, reason?: string): void {
    this.alerts.labels(outcome).inc();
    if (outcome !== 'delivered') this.logger.error({ msg: 'an alert was not delivered', alert, state, upstream: server, reason });
  }
}

function toBody({ alert, state, server, text, since }: AlertChange): Body {
  const of = { gateway: hostname(), version: VERSION };
  return { id: randomUUID(), alert, state, server, text, since, at: new Date(), ...of };
}

/** Words of the failure may repeat parts of the URL; its code never does. */
function codeOf(error: unknown): string {
  const { name, cause } = error as Error & { cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${DEADLINE_MS / 1000} s`;
  return typeof cause?.code === 'string' ? cause.code : name;
}
