import { type ResponseBody, resultToBody } from '@app/mcp-openapi';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import { freshnessHeaders, repetitionHeaders } from './answer-headers.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

/**
 * HTTP's form of a call's outcome: a result is the body, in the form that `accept` asks for, with what is left of the limits. Throws
 * anything else as an HTTP exception.
 */
export function answeredCallToBody(answered: AnsweredCall, accept: string | undefined): ResponseBody {
  const { outcome, limits, freshness, repetition } = answered;
  if (outcome.kind !== 'result') throw new ToolOutcomeException(outcome, repetition && repetitionHeaders(repetition));
  const { inlineHtml, keepsBinary, isReadOnly, isOutputMismatch } = outcome.notes ?? {};
  const body = resultToBody(outcome.result, accept, { inlineHtml, isReadOnly, binary: keepsBinary ? 'keep' : 'describe' });
  const headers = {
    ...(limits && limitHeaders(limits)),
    ...(freshness && freshnessHeaders(freshness)),
    ...(repetition && repetitionHeaders(repetition)),
    ...body.headers,
  };
  return { ...body, headers: isOutputMismatch ? { ...headers, 'X-Output-Schema': 'mismatch' } : headers };
}
