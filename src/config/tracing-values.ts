import type { z } from 'zod';
import { listOf, problem } from './environment-values.js';

/** Values of OTEL_TRACES_SAMPLER (OpenTelemetry, "Environment Variable Specification"). */
export const SAMPLERS = {
  always_on: 'always_on',
  always_off: 'always_off',
  traceidratio: 'traceidratio',
  parentbased_always_on: 'parentbased_always_on',
  parentbased_always_off: 'parentbased_always_off',
  parentbased_traceidratio: 'parentbased_traceidratio',
} as const;

const MAX_PAIRS = 100;

/** `name=value`, separated by commas, values percent-encoded, as W3C Baggage has it. They can be sent as headers. */
export function toPairs(given: string, context: z.RefinementCtx): Readonly<Record<string, string>> {
  const pairs = listOf(given).map(toPair);
  return pairs.length <= MAX_PAIRS && pairs.every((pair) => pair !== undefined)
    ? Object.fromEntries(pairs)
    : problem(context, `must be name=value, separated by commas, values percent-encoded, ${MAX_PAIRS} at the most`);
}

function toPair(entry: string): readonly [string, string] | undefined {
  const [, name = '', encoded = ''] = /^([\w!#$&'*+.^`|~-]{1,256})\s*=\s*(\S*)$/.exec(entry) ?? [];
  const value = decoded(encoded);
  return name !== '' && value !== undefined && /^[\t\x20-\x7e]*$/.test(value) ? [name, value] : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A part of the whole, from 0 to 1. */
export function toShare(given: string, context: z.RefinementCtx): number {
  const share = /^\d*\.?\d+$/.test(given.trim()) ? Number(given) : NaN;
  return share >= 0 && share <= 1 ? share : problem(context, 'must be a number from 0 to 1, like 0.1');
}
