import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { canonicalText, problemsToOutcome, type ToolOutcome } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { beginServerTime, endServerTime } from '../../correlation/server-time.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { Redis } from '../../redis/redis.service.js';
import { clientKey } from '../../throttler/client-key.js';
import { callElsewhere, unknownOutcome } from '../idempotency/call-elsewhere.js';
import { type EndedRecord, outcomeOf, type StartedRecord } from '../idempotency/call-record.js';
import { IDEMPOTENCY_KEY, wrongKey } from '../idempotency/idempotency-key.js';
import { CallRecordsInRedis } from '../idempotency/call-records-in-redis.service.js';
import { RememberedCalls } from '../idempotency/remembered-calls.service.js';
import { AbandonedCalls } from '../idempotency/abandoned-calls.js';
import { SharedCalls } from '../shared-calls.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/**
 * Makes a call that came with an idempotency key once, however often it is asked for within 24 h by the same client for the same tool: those
 * who come later get the first outcome, or wait for it. It goes on when its caller leaves, who may come back for it.
 */
@Injectable()
export class IdempotencyStep implements ToolStep {
  private readonly running = new SharedCalls();
  private readonly abandoned: AbandonedCalls;

  constructor(
    private readonly remembered: RememberedCalls,
    private readonly inRedis: CallRecordsInRedis,
    private readonly redis: Redis,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'maxConnections' | 'maxCallDurationMs'>,
  ) {
    this.abandoned = new AbandonedCalls(settings.maxConnections);
  }

  run(call: ToolCall, next: NextStep): Outcome {
    if (call.idempotencyKey === undefined || !call.entry?.upstream) return next(call);
    if (!IDEMPOTENCY_KEY.test(call.idempotencyKey)) return problemsToOutcome([{ field: 'idempotency_key', issue: wrongKey('call') }]);
    const name = nameOf(call, call.idempotencyKey);
    const args = hash('sha256', canonicalText(call.args), 'base64url');
    const running = this.running.get(name);
    if (running) return running.label === args ? this.joined(call, running.join(call), () => running.first) : this.conflict(call);
    const known = this.remembered.get(name);
    if (known) return this.replayed(call, known, args, true);
    const client = clientKey(call.context);
    return this.running.start(name, call, (first) => this.decided(first, name, args, next), {
      label: args,
      goesOn: (ended) => this.abandoned.take(client, ended),
    });
  }

  private async joined(call: ToolCall, outcome: Promise<ToolOutcome>, first: () => ToolCall): Promise<ToolOutcome> {
    const joined = await outcome;
    call.repetition = { isReplayed: true, isLocal: first().repetition?.isLocal ?? false };
    return joined;
  }

  private async decided(call: ToolCall, name: string, args: string, next: NextStep): Promise<ToolOutcome> {
    if (this.remembered.isFree(name)) return this.made(call, name, args, true, next);
    const claim = await this.inRedis.claim(name, args, call.context);
    if (claim.kind !== 'known') {
      const isLocal = claim.kind === 'away' || this.redis.isIncomplete;
      if (claim.kind === 'away') this.remembered.claimLater(name);
      return this.made(call, name, args, isLocal && this.redis.isConfigured, next);
    }
    const { record } = claim;
    if (record.args !== args) return this.conflict(call);
    if (record.state === 'ended') return this.replayed(call, record, args, false);
    call.repetition = { isReplayed: true, isLocal: false };
    if (record.replica === this.redis.replicaId) return unknownOutcome('This call was made before, and its outcome is not kept.');
    return this.elsewhere(call, name, record, next);
  }

  private async elsewhere(call: ToolCall, name: string, started: StartedRecord, next: NextStep): Promise<ToolOutcome> {
    const maxMs = call.entry?.upstream?.settings.maxCallDurationMs ?? this.settings.maxCallDurationMs;
    beginServerTime(call.context);
    const end = await callElsewhere(name, started, this.inRedis, { maxMs, signal: call.signal });
    endServerTime(call.context);
    switch (end.kind) {
      case 'ended':
        return this.replayed(call, end.record, started.args, false);
      case 'not_made':
        return this.decided(call, name, started.args, next);
      case 'unknown':
        return end.outcome;
      default: {
        const exhaustive: never = end;
        return exhaustive;
      }
    }
  }

  private async made(call: ToolCall, name: string, args: string, isLocal: boolean, next: NextStep): Promise<ToolOutcome> {
    call.repetition = { isReplayed: false, isLocal };
    this.remembered.began(name, args);
    const outcome = await next(call);
    await this.remembered.ended(name, args, outcome, call.context);
    return outcome;
  }

  private replayed(call: ToolCall, record: EndedRecord, args: string, isOurs: boolean): ToolOutcome {
    if (record.args !== args) return this.conflict(call);
    call.repetition = { isReplayed: true, isLocal: isOurs && this.inRedis.isMissed };
    return outcomeOf(record);
  }

  private conflict(call: ToolCall): ToolOutcome {
    call.repetition = { isReplayed: false, isLocal: false };
    const message =
      'A call of this tool with the same Idempotency-Key had other arguments. Send a new key with each new call, and the same only to repeat one; this call was not made.';
    return { kind: 'rejected', type: 'conflict', message, details: { reason: 'idempotency_key_reused' } };
  }
}

/** Users behind one key are apart by their names, or by what is forwarded of them. */
function nameOf({ context, credentials, entry }: ToolCall, key: string): string {
  const { server, tool } = entry as CatalogEntry;
  return JSON.stringify([clientKey(context), credentials?.digest ?? '', server, tool.name, key]);
}
