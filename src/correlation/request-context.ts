import { randomUUID } from 'node:crypto';
import type { CallSpan, TraceContext } from './trace-context.js';
import { ANONYMOUS, type Principal } from './principal.js';

/** What makes a request look like an attack rather than a mistake. */
export type Suspicion = 'bad_host' | 'bad_origin' | 'oversize_body' | 'deep_body' | 'prototype_keys';

/** What is known of one request while it is served; the log and the metrics are written from it at its end. */
export interface RequestContext {
  readonly correlationId: string;
  /** Who sent the request, behind the proxies that are trusted. */
  readonly clientAddress: string;
  /** `performance.now()` at its birth. */
  readonly startedAt: number;
  principal: Principal;
  /** Milliseconds that it has waited for Redis. */
  redisMs: number;
  /** Published name of the tool, once it is known to exist. */
  tool: string | undefined;
  /** Server of the tool. */
  upstream: string | undefined;
  /** Milliseconds spent waiting for the upstream's answer; undefined while none has come. */
  upstreamMs: number | undefined;
  /** `performance.now()` when the call went to its upstream; undefined again once it is answered. */
  sentAt: number | undefined;
  /** How many times it was sent again. */
  retries: number;
  /** `error.type` of the answer, if it is one. */
  errorType: string | undefined;
  /** Told to the operator as a security event at its end. */
  suspicion: Suspicion | undefined;
  /** Arguments and result as LOG_PAYLOADS allows. */
  payloads: Readonly<Record<string, unknown>> | undefined;
  /** The trace that it belongs to: its caller's, or its own where calls are traced. */
  trace: TraceContext | undefined;
  /** Where calls are traced, once it has become one. */
  span: CallSpan | undefined;
}

/** A context for a request that carries `givenId`, which is replaced unless it is legal, and says that it belongs to `trace`. */
export function newContext(givenId: string | undefined, clientAddress: string, trace?: TraceContext): RequestContext {
  return {
    correlationId: givenId !== undefined && LEGAL_ID.test(givenId) ? givenId : randomUUID(),
    clientAddress,
    startedAt: performance.now(),
    principal: ANONYMOUS,
    redisMs: 0,
    tool: undefined,
    upstream: undefined,
    upstreamMs: undefined,
    sentAt: undefined,
    retries: 0,
    errorType: undefined,
    suspicion: undefined,
    payloads: undefined,
    trace,
    span: undefined,
  };
}

/** What an id is made of: what can neither break a log line nor a header. */
export const LEGAL_ID = /^[\w.-]{1,128}$/;
