import type { Client, McpSubscription } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { z } from 'zod';
import { HANDSHAKE_TIMEOUT_MS } from './sdk-client.js';

/** Has a server tell of resources that change: by `resources/subscribe`, since 2026-07-28 by one more subscription to all of them. */
export class WatchedResources {
  private watched: readonly string[] = [];
  private subscription: McpSubscription | undefined;
  /** One change after another. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: Client) {}

  /** From now on of these, and no others. Rejects where the server refuses one. */
  watch(uris: readonly string[]): Promise<void> {
    const change = () => (this.client.getProtocolEra() === 'modern' ? this.listen(uris) : this.subscribe(uris));
    const changing = this.last.then(change);
    this.last = changing.catch(() => undefined);
    return changing;
  }

  private async listen(uris: readonly string[]): Promise<void> {
    const before = this.subscription;
    this.subscription = uris.length === 0 ? undefined : await this.client.listen({ resourceSubscriptions: [...uris] });
    await before?.close();
  }

  private async subscribe(uris: readonly string[]): Promise<void> {
    const before = this.watched;
    const kept = new Set(before);
    for (const uri of before) {
      if (uris.includes(uri)) continue;
      kept.delete(uri);
      await this.request('resources/unsubscribe', uri).catch(() => undefined);
    }
    this.watched = [...kept];
    for (const uri of uris) {
      if (kept.has(uri)) continue;
      await this.request('resources/subscribe', uri);
      kept.add(uri);
      this.watched = [...kept];
    }
  }

  private request(method: 'resources/subscribe' | 'resources/unsubscribe', uri: string): Promise<JsonObject> {
    return this.client.request({ method, params: { uri } }, ANYTHING, { timeout: HANDSHAKE_TIMEOUT_MS });
  }
}

const ANYTHING = z.custom<JsonObject>(isJsonObject);
