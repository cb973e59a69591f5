import { Injectable } from '@nestjs/common';
import { isJsonObject, plainText } from '@app/mcp-openapi';
import { VERSION } from '../../../config/version.js';
import { ListReplies } from '../lists/list-reply.js';
import { LEGACY, MODERN } from '../rpc/era.js';
import type { Exchange } from '../rpc/exchange.js';
import { invalidParams, type Reply } from '../rpc/rpc.js';
import { VisibleServers } from '../upstream/visible-servers.service.js';

/** Of the instructions of one server, and of all together, so many characters are told. */
const MAX_INSTRUCTIONS = 16_000;
const MAX_ALL = 64_000;

const SERVER_INFO = { name: 'mcpo-proxy', title: 'mcpo-proxy', version: VERSION };
/** Whatever servers there are now: those that come later may have more. */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};

/** How the gateway introduces itself: `initialize`, and `server/discover` since 2026-07-28. No server is asked for it. */
@Injectable()
export class Greeting {
  constructor(
    private readonly servers: VisibleServers,
    private readonly lists: ListReplies,
  ) {}

  /** The version that both speak: what the client asked for, else the newest that begins with `initialize`. Throws for a request that names none. */
  versionOf(params: Exchange['request']['params']): string {
    const { protocolVersion, capabilities } = params;
    if (typeof protocolVersion !== 'string') throw invalidParams('Invalid params: protocolVersion is required');
    if (capabilities !== undefined && !isJsonObject(capabilities)) throw invalidParams('Invalid params: capabilities must be an object');
    return (LEGACY as readonly string[]).includes(protocolVersion) ? protocolVersion : LEGACY[0];
  }

  async initialize(exchange: Pick<Exchange, 'caller' | 'server'>, protocolVersion: string): Promise<Reply> {
    const instructions = await this.instructions(exchange);
    return {
      result: JSON.stringify({
        protocolVersion,
        capabilities: CAPABILITIES,
        serverInfo: SERVER_INFO,
        ...(instructions && { instructions }),
      }),
    };
  }

  async discover(exchange: Exchange): Promise<Reply> {
    const instructions = await this.instructions(exchange);
    const told = {
      supportedVersions: [MODERN],
      capabilities: CAPABILITIES,
      serverInfo: SERVER_INFO,
      ...(instructions && { instructions }),
      _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO },
    };
    return { result: `{${this.lists.head(exchange.client)}${JSON.stringify(told).slice(1)}` };
  }

  /** Those of each server that the caller may use, below its name; of one alone as they are. */
  private async instructions({ caller, server }: Pick<Exchange, 'caller' | 'server'>): Promise<string> {
    const visible = await this.servers.of(caller, server);
    const all = visible.flatMap(({ name, upstream }) => {
      const text = plainText(upstream.status().server?.instructions, MAX_INSTRUCTIONS);
      return text === '' ? [] : [{ name, text }];
    });
    const [only] = all;
    if (only && visible.length === 1) return only.text;
    return plainText(all.map(({ name, text }) => `# ${name}\n\n${text}`).join('\n\n'), MAX_ALL);
  }
}
