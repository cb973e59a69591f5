import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { CallAbort } from '@app/mcp-transport';
import type { Caller } from '../../../correlation/caller.js';
import type { CallerCredentials } from '@app/mcp-transport';
import { McpClient } from '../../../mcp-client/mcp-client.service.js';
import type { Upstream } from '../../../mcp-client/upstream.js';
import { ForwardedCredentials, isRefused } from '../../../view/forwarded-credentials.service.js';
import { toUpstreamRequest } from '../upstream/to-upstream-request.js';

/** The lists of servers besides their tools. */
export type OfferedKind = 'prompts' | 'resources' | 'resourceTemplates';

const KINDS: Readonly<Record<OfferedKind, { readonly method: string; readonly capability: 'prompts' | 'resources' }>> = {
  prompts: { method: 'prompts/list', capability: 'prompts' },
  resources: { method: 'resources/list', capability: 'resources' },
  resourceTemplates: { method: 'resources/templates/list', capability: 'resources' },
};

const MAX_PAGES = 1_000;
const MAX_ITEMS = 20_000;
/** All pages of a list; a server that takes longer is absent from what is told now. */
const LIST_TIMEOUT_MS = 8_000;
/** So long a list is told that was got, unless its server says that it is another. */
const KEPT_MS = 60_000;
/** A list that could not be got is not asked for again at once. */
const FAILED_MS = 2_000;
/** Characters of all lists that are kept. */
const MAX_KEPT = 64 * 1024 * 1024;

interface Kept {
  readonly items: readonly JsonObject[];
  readonly characters: number;
  readonly upstream: Upstream;
  readonly since: number;
}

/**
 * What servers list of prompts, resources and templates, got when somebody wants it, in the session that calls go on, and kept for a
 * while: for each caller apart where a server gets anything of its callers.
 */
@Injectable()
export class OfferedLists {
  private readonly logger = new Logger('discovery');
  private readonly kept = new LRUCache<string, Kept>({
    maxSize: MAX_KEPT,
    sizeCalculation: ({ characters }) => characters + 100,
    ttl: KEPT_MS,
  });
  private readonly asking = new Map<string, Promise<Kept>>();

  constructor(
    private readonly forwarded: ForwardedCredentials,
    mcpClient: McpClient,
  ) {
    for (const upstream of mcpClient.upstreams) this.follow(upstream);
    mcpClient.on('servers', ({ added, replaced }) => {
      for (const upstream of [...added, ...replaced.map(({ after }) => after)]) this.follow(upstream);
    });
  }

  /** Of one server, on the connection that this caller's calls go on; nothing of one that is away, refuses, or has none. */
  of(kind: OfferedKind, upstream: Upstream, caller: Caller): Promise<readonly JsonObject[]> {
    const { server } = upstream.status();
    if (!upstream.isConnected || !server?.capabilities[KINDS[kind].capability]) return NONE;
    const credentials = this.forwarded.of(caller, upstream);
    if (isRefused(credentials)) return NONE;
    const key = JSON.stringify([upstream.name, kind, credentials?.digest ?? '']);
    const known = this.kept.get(key);
    if (known?.upstream === upstream && known.since >= upstream.connectedSince) return Promise.resolve(known.items);
    const asked = this.asking.get(key) ?? this.ask(key, kind, upstream, credentials);
    return asked.then(({ items }) => items);
  }

  private ask(key: string, kind: OfferedKind, upstream: Upstream, credentials: CallerCredentials | undefined): Promise<Kept> {
    const since = performance.now();
    const asking = allPages(kind, upstream, credentials)
      .then((items): Kept => ({ items, characters: JSON.stringify(items).length, upstream, since }))
      .catch((error: unknown): Kept => {
        this.logger.warn({ msg: 'not listed', upstream: upstream.name, list: KINDS[kind].method, error: upstream.words.told(error) });
        return { items: [], characters: 2, upstream, since };
      })
      .then((list) => {
        // Unless it was forgotten meanwhile: it may be an old one.
        if (this.asking.get(key) === asking) this.kept.set(key, list, { ttl: list.items.length === 0 ? FAILED_MS : KEPT_MS });
        return list;
      })
      .finally(() => {
        if (this.asking.get(key) === asking) this.asking.delete(key);
      });
    this.asking.set(key, asking);
    return asking;
  }

  private follow(upstream: Upstream): void {
    upstream.on('notice', ({ kind }) => {
      if (kind === 'prompts' || kind === 'resources') this.forget(upstream.name, kind);
    });
  }

  private forget(server: string, capability: 'prompts' | 'resources'): void {
    for (const held of [this.kept, this.asking])
      for (const key of [...held.keys()]) {
        const [name, kind] = JSON.parse(key) as [string, OfferedKind];
        if (name === server && KINDS[kind].capability === capability) held.delete(key);
      }
  }
}

const NONE: Promise<readonly JsonObject[]> = Promise.resolve([]);

async function allPages(kind: OfferedKind, upstream: Upstream, credentials: CallerCredentials | undefined): Promise<JsonObject[]> {
  const { method } = KINDS[kind];
  const signal = new CallAbort();
  const timer = setTimeout(() => signal.abort(), LIST_TIMEOUT_MS);
  const items: JsonObject[] = [];
  const seen = new Set<string>();
  let characters = 0;
  try {
    for (let cursor: string | undefined; ;) {
      const asked = { method, params: cursor === undefined ? {} : { cursor } };
      const answer = await upstream.call(toUpstreamRequest(asked, { signal, credentials, correlationId: 'list', isIdempotent: true }));
      if (answer.kind === 'rpc_error') throw new Error(answer.error.message);
      if (answer.kind !== 'result')
        throw new Error(answer.kind === 'cancelled' ? `no answer within ${LIST_TIMEOUT_MS / 1000} s` : answer.kind);
      const { value, text } = answer.result;
      const page = value[kind];
      characters += text.length;
      for (const item of Array.isArray(page) ? page : []) if (isJsonObject(item)) items.push(item);
      if (items.length > MAX_ITEMS || characters > upstream.settings.maxListBytes) throw new Error(`${method} does not end`);
      if (typeof value['nextCursor'] !== 'string' || value['nextCursor'] === '') return items;
      cursor = value['nextCursor'];
      if (seen.has(cursor) || seen.size >= MAX_PAGES) throw new Error(`${method} does not end`);
      seen.add(cursor);
    }
  } finally {
    clearTimeout(timer);
  }
}
