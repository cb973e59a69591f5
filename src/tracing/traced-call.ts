import { type Attributes, type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { RejectionType } from '@app/mcp-openapi';
import type { RequestContext } from '../correlation/request-context.js';
import type { CallSpan, SentTo, TraceContext } from '../correlation/trace-context.js';
import { contextBelow, toTraceContext } from './propagation.js';

/** Of names in spans: what is longer helps nobody. */
const MAX_NAME = 128;

/** Attributes of the semantic conventions for MCP and for tools of generative AI. */
const OF_ALL: Attributes = { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool' };

/** Calls that were judged and not run: of a span of a server this is no error. */
const CALLERS_FAULTS: ReadonlySet<string> = new Set<RejectionType>([
  'validation_error',
  'permission_error',
  'tool_not_found',
  'conflict',
  'rate_limit_error',
]);

/** One call: a span for the whole, and below it one for each part of its way. It holds names and outcomes; arguments and results never. */
export class TracedCall implements CallSpan {
  private ofServer: Span | undefined;
  private sentAt: number | undefined;
  private answeredAt: number | undefined;

  private readonly startedAt: number;
  private readonly span: Span;
  /** What makes a time of this process one of the world: one for all spans of the call, so that they fit together. */
  private readonly epochMs = Date.now() - performance.now();

  constructor(
    private readonly tracer: Tracer,
    private readonly context: RequestContext,
  ) {
    this.startedAt = context.startedAt + this.epochMs;
    this.span = tracer.startSpan('tools/call', { kind: SpanKind.SERVER, startTime: this.startedAt }, contextBelow(context.trace));
    context.trace ??= toTraceContext(this.span);
  }

  sent({ server, tool, url }: SentTo): TraceContext {
    this.sentAt = this.now();
    const place = url ? { 'server.address': url.hostname, 'server.port': portOf(url) } : {};
    const attributes = { ...OF_ALL, ...place, 'gen_ai.tool.name': tool, 'mcpo.server': server, 'network.transport': url ? 'tcp' : 'pipe' };
    const options = { kind: SpanKind.CLIENT, startTime: this.sentAt, attributes };
    this.ofServer = this.tracer.startSpan(nameOf(tool), options, this.below());
    return toTraceContext(this.ofServer);
  }

  answered(errorType: string | undefined): void {
    this.answeredAt = this.now();
    if (errorType !== undefined) this.ofServer?.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
    this.ofServer?.end(this.answeredAt);
  }

  end(method: string | undefined, status: number | undefined): void {
    const { span, context } = this;
    const now = this.now();
    if (span.isRecording() && this.sentAt !== undefined) {
      this.part('prepare', this.startedAt, this.sentAt);
      if (this.answeredAt !== undefined) this.part('deliver', this.answeredAt, now);
    }
    const { tool, upstream, errorType, retries } = context;
    if (tool !== undefined) span.updateName(nameOf(tool)).setAttributes({ 'gen_ai.tool.name': tool, 'mcpo.server': upstream });
    if (method !== undefined) span.setAttributes({ 'http.request.method': method, 'http.response.status_code': status });
    if (errorType !== undefined) span.setAttribute('error.type', errorType);
    if (retries > 0) span.setAttribute('mcpo.retries', retries);
    if (errorType !== undefined && !CALLERS_FAULTS.has(errorType)) span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttributes({ ...OF_ALL, 'mcpo.correlation_id': context.correlationId }).end(now);
  }

  /** A part that the gateway itself takes. */
  private part(name: string, startTime: number, endTime: number): void {
    this.tracer.startSpan(name, { startTime }, this.below()).end(endTime);
  }

  private now(): number {
    return performance.now() + this.epochMs;
  }

  private below(): Context {
    return trace.setSpan(ROOT_CONTEXT, this.span);
  }
}

/** As the server's own of that name: short. */
function nameOf(tool: string): string {
  return `tools/call ${tool.slice(0, MAX_NAME)}`;
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
