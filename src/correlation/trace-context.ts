/** Where in a trace something stands, as W3C Trace Context writes it: what callers send, and what servers are told. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** The span of a call, where calls are traced. */
export interface CallSpan {
  /** The call goes to its server; gives what the server is told of the trace. */
  sent(to: SentTo): TraceContext;
  /** The server has answered, or nothing comes any more. `errorType` says what kind of no it was. */
  answered(errorType: string | undefined): void;
  /** The call is over for its caller; the context has what became of it. */
  end(method: string | undefined, status: number | undefined): void;
}

/** A server and its tool, by its own name. */
export interface SentTo {
  readonly server: string;
  readonly tool: string;
  /** Undefined over stdio. */
  readonly url: URL | undefined;
}

/** The given trace context; undefined unless it is legal, and then it is as if none were there (W3C Trace Context 3.2). */
export function readTraceContext(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  const [, version, ids, more] = (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)) || [];
  if (ids === undefined || (version === '00' && more !== undefined)) return undefined;
  // What a later version says beyond the four fields is not known here.
  const read = `00-${ids}`;
  const isLegalState = typeof tracestate === 'string' && TRACESTATE.test(tracestate);
  return isLegalState ? { traceparent: read, tracestate } : { traceparent: read };
}

/** 32 hexadecimal digits. */
export function traceIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35);
}

const TRACEPARENT = /^(?!ff)([\da-f]{2})-((?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2})(-.*)?$/;
/** What every implementation passes on at the least (3.3.1.5). */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;
