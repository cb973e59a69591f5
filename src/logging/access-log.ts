import type { Logger } from 'pino';
import type { RequestContext } from '../correlation/request-context.js';

/** What a face logs of a request besides what all have; undefined is left out. */
export type LoggedFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Milliseconds of one request: in all, in the gateway, and waiting for the MCP server; undefined where nothing was sent to one. */
export interface RequestTimes {
  readonly durationMs: number;
  readonly translationMs: number;
  readonly upstreamMs: number | undefined;
}

/** One line for each request or call, whatever its face and whatever became of it. */
export class AccessLog {
  constructor(private readonly logger: Logger) {}

  write(msg: string, context: RequestContext, times: RequestTimes, fields: LoggedFields): void {
    this.logger.info({
      msg,
      correlation_id: context.correlationId,
      client: context.clientAddress,
      ...fields,
      principal: context.principal.id,
      tool: context.tool,
      upstream: context.upstream,
      error: context.errorType,
      retries: context.retries === 0 ? undefined : context.retries,
      duration_ms: rounded(times.durationMs),
      translation_ms: rounded(times.translationMs),
      upstream_ms: times.upstreamMs === undefined ? undefined : rounded(times.upstreamMs),
      ...context.payloads,
    });
  }
}

/** To a microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
