/** The tools of the modern test server that ask before they answer: a result that requires input, then the call again with the answers. */
import { randomBytes } from 'node:crypto';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type GetPromptResult,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { said, text } from './contents.ts';
import { CHOICES, form, sampling, whoAreYou, WITH_DEFAULTS } from './questions.ts';

type Asking = (context: ServerContext) => Promise<object> | object;

const NAME = { name: { type: 'string' } };
const QUESTIONS = {
  user_name: elicitation('What is your name?', NAME),
  confirm: elicitation('Please confirm', { ok: { type: 'boolean' } }),
  step1: elicitation('Step 1: What is your name?', NAME),
  step2: elicitation('Step 2: What is your favorite color?', { color: { type: 'string' } }),
  user_context: elicitation('What context should the prompt use?', { context: { type: 'string' } }),
  capital_question: { method: 'sampling/createMessage', params: sampling('What is the capital of France?') },
  greeting: { method: 'sampling/createMessage', params: sampling('Generate a greeting', 50) },
  client_roots: { method: 'roots/list', params: {} },
  person: { method: 'elicitation/create', params: whoAreYou('Please say who you are') },
  defaults: { method: 'elicitation/create', params: WITH_DEFAULTS },
  choices: { method: 'elicitation/create', params: CHOICES },
};
type Key = keyof typeof QUESTIONS;

/** Signs what goes by way of the client, and refuses what it did not sign. */
export const stateOfRounds = createRequestStateCodec<{ round: number }>({ key: randomBytes(32) });

export function capabilitiesOf({ mcpReq }: ServerContext): ClientCapabilities {
  return (mcpReq.envelope as Record<string, ClientCapabilities> | undefined)?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
}

export const ASKING_TOOLS: Readonly<Record<string, Asking>> = {
  test_input_required_result_elicitation: onceAnswered('user_name'),
  test_input_required_result_sampling: onceAnswered('capital_question'),
  test_input_required_result_list_roots: onceAnswered('client_roots'),
  test_input_required_result_request_state: withState(['confirm'], 'state-ok'),
  test_input_required_result_tampered_state: withState(['confirm'], 'state-ok'),
  test_input_required_result_multiple_inputs: withState(['user_name', 'greeting', 'client_roots'], 'all-ok'),
  test_input_required_result_multi_round: inTwoRounds,
  test_input_required_result_capabilities: (context) =>
    ask(['user_name', 'capital_question'].filter((key) => mayAsk(key as Key, context)) as Key[]),
  test_streaming_elicitation: onceAnswered('user_name'),
  // What the suite asks of older servers, as the gateway has both at both.
  test_sampling: onceAnswered('capital_question'),
  test_elicitation: onceAnswered('person'),
  test_elicitation_sep1034_defaults: onceAnswered('defaults'),
  test_elicitation_sep1330_enums: onceAnswered('choices'),
};

export function askingPrompt({ mcpReq }: ServerContext): GetPromptResult | InputRequiredResult {
  const answer = acceptedContent<{ context: string }>(mcpReq.inputResponses, 'user_context');
  if (!answer) return ask(['user_context']);
  return { messages: [{ role: 'user', content: text(`The context is ${answer.context}`) }] };
}

function elicitation(message: string, properties: object) {
  return { method: 'elicitation/create', params: form(message, properties) };
}

function ask(keys: readonly Key[], requestState?: string): InputRequiredResult {
  const inputRequests = Object.fromEntries(keys.map((key) => [key, QUESTIONS[key]]));
  return { resultType: 'input_required', inputRequests, ...(requestState && { requestState }) } as InputRequiredResult;
}

const METHOD_TO_CAPABILITY: Readonly<Record<string, keyof ClientCapabilities>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

function mayAsk(key: Key, context: ServerContext): boolean {
  return capabilitiesOf(context)[METHOD_TO_CAPABILITY[QUESTIONS[key].method] as keyof ClientCapabilities] !== undefined;
}

/** True where the client has answered each of them with an object. */
function haveAnswers({ mcpReq }: ServerContext, keys: readonly Key[]): boolean {
  return keys.every((key) => typeof mcpReq.inputResponses?.[key] === 'object' && mcpReq.inputResponses[key] !== null);
}

function onceAnswered(key: Key): Asking {
  return (context) => (haveAnswers(context, [key]) ? said(`Answer: ${JSON.stringify(context.mcpReq.inputResponses?.[key])}`) : ask([key]));
}

function withState(keys: readonly Key[], done: string): Asking {
  return async (context) => {
    const state = context.mcpReq.requestState<{ round: number }>();
    if (state?.round === 1 && haveAnswers(context, keys)) return said(done);
    return ask(keys, await stateOfRounds.mint({ round: 1 }));
  };
}

async function inTwoRounds(context: ServerContext): Promise<object> {
  const round = context.mcpReq.requestState<{ round: number }>()?.round ?? 0;
  if (round === 1 && haveAnswers(context, ['step1'])) return ask(['step2'], await stateOfRounds.mint({ round: 2 }));
  if (round === 2 && haveAnswers(context, ['step2'])) return said('Both steps are done');
  return ask(['step1'], await stateOfRounds.mint({ round: 1 }));
}
