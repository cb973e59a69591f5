import { Injectable } from '@nestjs/common';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { isOld, toSeconds } from './age.js';
import type { HealthPart, HealthParts, PartStatus } from './health-report.js';

/** The last answer to a ping, and the last failure; `performance.now()`. */
interface Heard {
  readonly answeredAt: number;
  readonly failure: { readonly at: number; readonly reason: string } | undefined;
}

const NOTHING: Heard = { answeredAt: 0, failure: undefined };

/**
 * Whether each MCP server is there, as of the last ping. One that does not answer is `unknown` after a while, not down: it may be busy with
 * calls. One that is not connected is not asked: that is known.
 */
@Injectable()
export class ServerChecks {
  private readonly heard = new WeakMap<Upstream, Heard>();

  constructor(private readonly mcpClient: McpClient) {}

  /** Asks all that are connected at once; resolves in `ms` at the latest. */
  async run(ms: number): Promise<void> {
    await Promise.all(this.mcpClient.upstreams.filter(({ isConnected }) => isConnected).map((upstream) => this.ask(upstream, ms)));
  }

  /** By name, in the order of the configuration. */
  parts(): HealthParts {
    return Object.fromEntries(this.mcpClient.upstreams.map((upstream) => [upstream.name, this.part(upstream)]));
  }

  /** Undefined for a name that no server has. */
  statusOf(name: string): PartStatus | undefined {
    const upstream = this.mcpClient.upstreams.find((each) => each.name === name);
    return upstream && this.part(upstream).status;
  }

  private async ask(upstream: Upstream, ms: number): Promise<void> {
    const result = await upstream.ping(ms);
    const now = performance.now();
    const last = this.heard.get(upstream) ?? NOTHING;
    if (result.kind === 'answered') this.heard.set(upstream, { answeredAt: now, failure: undefined });
    else if (result.kind === 'failed') this.heard.set(upstream, { ...last, failure: { at: now, reason: result.reason } });
  }

  private part(upstream: Upstream): HealthPart {
    const { state, since, transport, server, lastError } = upstream.status();
    const { status, ageMs, error } = this.judged(upstream);
    const details = { state, since: since.toISOString(), transport, era: server?.era, protocolVersion: server?.protocolVersion };
    return { ...details, age_seconds: toSeconds(ageMs), ...(status !== 'up' && { lastError: error ?? lastError }), status };
  }

  private judged(upstream: Upstream): { readonly status: PartStatus; readonly ageMs: number; readonly error?: string } {
    const { state } = upstream.status();
    // Whether those who bring credentials are served is not known here.
    if (state === 'needs_auth' || state === 'needs_authorization') return { status: upstream.asksCallers ? 'degraded' : 'down', ageMs: 0 };
    if (!upstream.isConnected) return { status: state === 'starting' ? 'unknown' : 'down', ageMs: 0 };
    const { answeredAt, failure } = this.heard.get(upstream) ?? NOTHING;
    // The handshake is an answer as well.
    const lastAt = Math.max(answeredAt, upstream.connectedSince);
    const now = performance.now();
    if (failure && failure.at > lastAt) return { status: 'down', ageMs: now - failure.at, error: failure.reason };
    if (isOld(now - lastAt)) return { status: 'unknown', ageMs: now - lastAt, error: 'It has not answered a ping since.' };
    return { status: state === 'up' ? 'up' : 'degraded', ageMs: now - lastAt };
  }
}
