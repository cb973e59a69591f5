import { type Context, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { TraceContext } from '../correlation/trace-context.js';

const PROPAGATOR = new W3CTraceContextPropagator();

/** Where a span stands that its caller has made. */
export function contextBelow(caller: TraceContext | undefined): Context {
  return caller ? PROPAGATOR.extract(ROOT_CONTEXT, caller, defaultTextMapGetter) : ROOT_CONTEXT;
}

/** What is said of a span to whoever is below it. */
export function toTraceContext(span: Span): TraceContext {
  const told = { traceparent: '' };
  PROPAGATOR.inject(trace.setSpan(ROOT_CONTEXT, span), told, defaultTextMapSetter);
  return told;
}
