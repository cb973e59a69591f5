import { perTool, type ResponseBody, type ToolOutcome } from '@app/mcp-openapi';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { resultBody } from '../../../call/outcome/result-body.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import { freshnessHeaders, repetitionHeaders } from './answer-headers.js';
import type { HttpRequest } from '../http-request.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

type Result = Extract<ToolOutcome, { kind: 'result' }>;

/**
 * HTTP's form of a call's outcome: a result is the body, in the form that the request accepts, with what is left of the limits, or the last
 * event of the answer. Throws anything else as an HTTP exception.
 */
export function answeredCallToBody(answered: AnsweredCall, { headers: { accept }, events }: HttpRequest): ResponseBody {
  const { outcome, limits, freshness, repetition } = answered;
  if (outcome.kind !== 'result') throw new ToolOutcomeException(outcome, repetition && repetitionHeaders(repetition));
  const body = freshness?.cache === 'hit' ? keptBodyOf(outcome, accept) : resultBody(outcome, accept);
  const headers = {
    ...(limits && limitHeaders(limits)),
    ...(freshness && freshnessHeaders(freshness)),
    ...(repetition && repetitionHeaders(repetition)),
    ...body.headers,
  };
  const whole = { ...body, headers: outcome.notes?.isOutputMismatch ? { ...headers, 'X-Output-Schema': 'mismatch' } : headers };
  return events ? events.result(whole) : whole;
}

/** A result that is kept is written in the form that most ask for as long as it is kept. */
function keptBodyOf(result: Result, accept: string | undefined): ResponseBody {
  return accept === undefined || accept === '*/*' || accept === 'application/json' ? jsonBodyOf(result) : resultBody(result, accept);
}

const jsonBodyOf = perTool<Result, ResponseBody>((result) => resultBody(result, 'application/json'));
