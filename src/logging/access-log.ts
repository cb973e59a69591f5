import { type Logger, symbols } from 'pino';
import type { RequestContext } from '../correlation/request-context.js';
import { traceIdOf } from '../correlation/trace-context.js';
import { isoNow, member } from './json-line.js';

/** What a face logs of a request besides what all have; undefined is left out. */
export type LoggedFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Milliseconds of one request: in all, in the gateway, and waiting for the MCP server; undefined where nothing was sent to one. */
interface RequestTimes {
  readonly durationMs: number;
  readonly translationMs: number;
  readonly upstreamMs: number | undefined;
}

/**
 * One line for each request or call, whatever its face and whatever became of it. It goes to the log's own stream as text made here: each
 * call writes one, and the logger's way through any object's members takes twice as long.
 */
export class AccessLog {
  private readonly stream: { write(line: string): unknown };

  constructor(private readonly logger: Logger) {
    this.stream = (logger as unknown as Record<symbol, { write(line: string): unknown }>)[symbols.streamSym] as {
      write(line: string): unknown;
    };
  }

  write(msg: string, context: RequestContext, times: RequestTimes, fields: LoggedFields): void {
    if (!this.logger.isLevelEnabled('info')) return;
    this.stream.write(`${lineOf(msg, context, times, fields)}}\n`);
  }
}

function lineOf(msg: string, context: RequestContext, times: RequestTimes, fields: LoggedFields): string {
  let line = `{"level":"info","time":"${isoNow()}"`;
  line += member('msg', msg);
  line += member('correlation_id', context.correlationId);
  if (context.trace) line += member('trace_id', traceIdOf(context.trace));
  line += member('client', context.clientAddress);
  for (const name in fields) line += member(name, fields[name]);
  line += member('principal', context.principal.id);
  line += member('tool', context.tool);
  line += member('upstream', context.upstream);
  line += member('error', context.errorType);
  if (context.retries > 0) line += member('retries', context.retries);
  line += `,"duration_ms":${rounded(times.durationMs)},"translation_ms":${rounded(times.translationMs)}`;
  if (times.upstreamMs !== undefined) line += `,"upstream_ms":${rounded(times.upstreamMs)}`;
  for (const name in context.payloads) line += member(name, context.payloads[name]);
  return line;
}

/** To a microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
