import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { canonicalText, isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { MemoryCache } from '../../../cache/memory-cache.js';
import type { Caller } from '../../../correlation/caller.js';
import type { RequestContext } from '../../../correlation/request-context.js';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import { RedisCache } from '../../../cache/redis-cache.service.js';
import { RedisKeys } from '../../../redis/redis-keys.service.js';
import { StateCipher } from '../../../redis/state-cipher.service.js';
import { clientKey } from '../../../throttler/client-key.js';
import { ForwardedCredentials, isRefused } from '../../../view/forwarded-credentials.service.js';

const KEPT_MS = 10 * 60_000;
const MEMORY = { maxEntries: 1_000, maxBytes: 64 * 1024 * 1024, ttlMs: KEPT_MS } as const;
/** A round is kept without its images if it is longer with them. */
const MAX_LENGTH = 4 * 1024 * 1024;
/** Rounds of one conversation that are looked for, the last ones. */
const MAX_LOOKED_FOR = 20;

/** What the client of a mixed round does not get, and the model has to have when the client comes back with its results. */
interface KeptRound {
  /** Rounds before it, of the gateway's tools alone. */
  readonly before: readonly JsonObject[];
  /** The model's message, with all calls. */
  readonly asking: JsonObject;
  /** Of the gateway's tools. */
  readonly results: readonly JsonObject[];
  readonly images: readonly JsonObject[];
}

/** Whose conversation it is. */
interface Asking {
  readonly caller: Caller;
  readonly context: RequestContext;
}

/**
 * Results of the gateway's tools of rounds in which the model asked for the caller's, too: kept for ten minutes until the caller comes back
 * with its own. They belong to the client, what is forwarded of its credentials, the calls as they were asked for, and what the user said.
 */
@Injectable()
export class KeptRounds {
  private readonly memory = new MemoryCache<{ readonly text: string }>(MEMORY, ({ text }) => 2 * text.length);

  constructor(
    private readonly redis: RedisCache,
    private readonly keys: RedisKeys,
    private readonly cipher: StateCipher,
    private readonly mcpClient: McpClient,
    private readonly forwarded: ForwardedCredentials,
  ) {}

  /** Keeps a round whose client gets `calls`. */
  async keep(asking: Asking, messages: readonly JsonObject[], calls: readonly JsonObject[], round: KeptRound): Promise<void> {
    const key = this.keyOf(asking, userWords(messages), calls);
    const whole = JSON.stringify(round);
    // Words come first: without them the model would have the same done again.
    const text = whole.length > MAX_LENGTH ? JSON.stringify({ ...round, images: [] }) : whole;
    this.memory.set(key, { text });
    if (!this.redis.isForSecrets || text.length > MAX_LENGTH) return;
    const name = this.nameOf(key);
    await this.redis.set({ redisMs: 0 }, name, this.redis.sealed(text, name), KEPT_MS);
  }

  /** The conversation with what was kept of its rounds, each in its place. */
  async splice(asking: Asking, messages: readonly JsonObject[]): Promise<JsonObject[]> {
    const places = messages.flatMap((message, at) => (callsOf(message).length > 0 ? [at] : [])).slice(-MAX_LOOKED_FOR);
    const spliced: JsonObject[] = [];
    let from = 0;
    for (const at of places) {
      const message = messages[at] as JsonObject;
      const kept = await this.find(asking, messages.slice(0, at), callsOf(message));
      if (!kept) continue;
      const end = endOfResults(messages, at + 1);
      spliced.push(...messages.slice(from, at), ...kept.before, kept.asking, ...inOrder(kept, messages.slice(at + 1, end)), ...kept.images);
      from = end;
    }
    return [...spliced, ...messages.slice(from)];
  }

  private async find(asking: Asking, before: readonly JsonObject[], calls: readonly JsonObject[]): Promise<KeptRound | undefined> {
    const key = this.keyOf(asking, userWords(before), calls);
    const known = this.memory.get(key)?.text ?? (await this.shared(asking, key));
    return known === undefined ? undefined : (JSON.parse(known) as KeptRound);
  }

  private async shared({ context }: Asking, key: string): Promise<string | undefined> {
    if (!this.redis.isForSecrets) return undefined;
    const name = this.nameOf(key);
    return this.redis.opened(await this.redis.get(context, name), name);
  }

  private keyOf({ caller, context }: Asking, words: string, calls: readonly JsonObject[]): string {
    const asked = calls.map(({ id, function: called }) => {
      const { name, arguments: args } = isJsonObject(called) ? called : {};
      return [id, name, sameArguments(args)];
    });
    return hash('sha256', JSON.stringify([clientKey(context), this.credentialsOf(caller), words, asked]));
  }

  /** What servers get of the caller. */
  private credentialsOf(caller: Caller): string[] {
    return this.mcpClient.upstreams.flatMap((upstream) => {
      const credentials = this.forwarded.of(caller, upstream);
      return credentials && !isRefused(credentials) ? [`${upstream.name} ${credentials.digest}`] : [];
    });
  }

  private nameOf(key: string): string {
    return this.keys.of('chat', this.cipher.nameOf(key));
  }
}

function callsOf({ role, tool_calls: calls }: JsonObject): JsonObject[] {
  return role === 'assistant' && Array.isArray(calls) ? calls.filter(isJsonObject) : [];
}

/** Clients write arguments anew: Open WebUI with other spaces, and `{}` for what is no JSON. */
function sameArguments(text: unknown): string {
  try {
    return typeof text === 'string' ? canonicalText({ text, value: JSON.parse(text) as unknown }) : '{}';
  } catch {
    return '{}';
  }
}

/** What the user said last. */
function userWords(messages: readonly JsonObject[]): string {
  return JSON.stringify(messages.findLast(({ role }) => role === 'user')?.['content'] ?? '');
}

function endOfResults(messages: readonly JsonObject[], from: number): number {
  const end = messages.findIndex(({ role }, at) => at >= from && role !== 'tool');
  return end === -1 ? messages.length : end;
}

/** The results of both, in the order in which the model asked for them. */
function inOrder({ asking, results }: KeptRound, own: readonly JsonObject[]): JsonObject[] {
  const ids = callsOf(asking).map(({ id }) => id);
  const place = ({ tool_call_id: id }: JsonObject) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
  return [...results, ...own].sort((one, other) => place(one) - place(other));
}
