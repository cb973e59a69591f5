import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type JsonObject, memberText } from '@app/mcp-openapi';
import type { CallDeadline } from '../call/call-deadline.js';
import { callEnd, pauseCall } from '../call/call-pause.js';
import type { UpstreamAnswer, UpstreamCall } from '../call/upstream-answer.js';
import { answered } from './call-questions.js';
import { isQuestionMethod, type ServerQuestion } from './server-question.js';

/** So often one call is sent again with answers, */
const MAX_ROUNDS = 10;
/** of so many questions at a time, */
const MAX_QUESTIONS = 10;
/** in an answer of so many characters. */
const MAX_CHARACTERS = 2 * 1024 * 1024;
/** A server that asks nothing and wants the call again is given some rest. */
const REST_MS = 250;

type InputRequired = Extract<UpstreamAnswer, { kind: 'result' }>;

/** Sends the call; `more`: members of `params` besides those of any call, as JSON text. */
type Send = (more: string) => Promise<UpstreamAnswer>;

/** Whether the server wants answers before it goes on (MCP 2026-07-28 "Multi Round-Trip Requests"). */
export function isInputRequired(answer: UpstreamAnswer): answer is InputRequired {
  return answer.kind === 'result' && answer.result.value.resultType === 'input_required';
}

/**
 * Asks what the server wants to know, and sends the call again with the answers and the server's state, as often as it asks; the last answer is
 * left as it is where nobody answers, where it can be given none, and where it is asked too much.
 */
export async function inRounds(first: InputRequired, call: UpstreamCall, deadline: CallDeadline, send: Send): Promise<UpstreamAnswer> {
  let answer: UpstreamAnswer = first;
  for (let round = 0; round < MAX_ROUNDS && isInputRequired(answer); round += 1) {
    const more = await nextParams(answer, call, deadline);
    if (more === undefined) return answer;
    const end = callEnd(call, deadline);
    // It waits for nobody: what it has asked was not gone on with.
    if (end) return end.kind === 'timeout' ? { ...end, sent: true } : end;
    answer = await send(more);
  }
  return answer;
}

/** Undefined where a question has no answer. */
async function nextParams({ result }: InputRequired, call: UpstreamCall, deadline: CallDeadline): Promise<string | undefined> {
  const questions = questionsOf(result.value.inputRequests);
  const { text } = result;
  if (!questions || questions.length > MAX_QUESTIONS || text.length > MAX_CHARACTERS) return undefined;
  const state = memberText(text, 'requestState');
  const members = state === undefined ? [] : [`"requestState":${state}`];
  if (questions.length === 0) await pauseCall(call, deadline, (signal) => sleep(REST_MS, undefined, { signal }));
  else {
    const responses = await askAll(questions, call, deadline);
    if (!responses) return undefined;
    members.push(`"inputResponses":${JSON.stringify(responses)}`);
  }
  return members.join(',');
}

/** By key; undefined if one is no question. */
function questionsOf(inputRequests: unknown): (readonly [string, ServerQuestion])[] | undefined {
  const all = Object.entries(isJsonObject(inputRequests) ? inputRequests : {}).map(([key, asked]) => {
    const { method, params } = isJsonObject(asked) ? asked : {};
    return isQuestionMethod(method) ? ([key, { method, params: isJsonObject(params) ? params : {}, key }] as const) : undefined;
  });
  return all.every((question) => question !== undefined) ? all : undefined;
}

/** The results by key; undefined unless each question has one. */
async function askAll(
  questions: readonly (readonly [string, ServerQuestion])[],
  call: UpstreamCall,
  deadline: CallDeadline,
): Promise<JsonObject | undefined> {
  const { onQuestion } = call;
  if (!onQuestion) return undefined;
  const results: [string, JsonObject][] = [];
  const refused = new AbortController();
  let hasAll = false;
  deadline.hold();
  await pauseCall(call, deadline, (over) => {
    const withdrawn = AbortSignal.any([over, refused.signal]);
    const all = questions.map(async ([key, question]) => {
      const answer = await answered(question, onQuestion, withdrawn);
      // The others of the round are of no use, then.
      if (!answer) refused.abort();
      else if ('result' in answer) results.push([key, answer.result]);
    });
    return Promise.race([Promise.all(all).then(() => (hasAll = results.length === questions.length)), once(over, 'abort')]);
  });
  deadline.release();
  if (refused.signal.aborted) return undefined;
  if (callEnd(call, deadline)) return {};
  return hasAll ? Object.fromEntries(results) : undefined;
}
