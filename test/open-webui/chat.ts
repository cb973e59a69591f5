import { randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';
import { ADMIN } from './open-webui-environment.ts';
import { MODEL_ID } from './scripted-model.ts';

const ANSWER_TIMEOUT_MS = 60_000;

/** An assistant's message as Open WebUI stores it. */
export interface StoredMessage {
  readonly role: string;
  readonly content: string;
  readonly done?: boolean;
  readonly error?: unknown;
  /** The steps that led to it, in the words of the Responses API. */
  readonly output?: readonly OutputItem[];
}

export type OutputItem =
  | { readonly type: 'function_call'; readonly name: string; readonly arguments: string; readonly status: 'completed' | 'failed' }
  | { readonly type: 'function_call_output'; readonly output: readonly ToolOutput[]; readonly status: 'completed' | 'failed' }
  | { readonly type: 'message'; readonly content: readonly { readonly text: string }[] };

export type ToolOutput =
  { readonly type: 'input_text'; readonly text: string } | { readonly type: 'input_image'; readonly image_url: string };

/** A person signed in to Open WebUI, talking to the scripted model. */
export interface ChatUser {
  /** Asks one question in a new chat with the tools of one connection; gives the stored answer once it is complete. */
  ask(question: string, toolServerId: string): Promise<StoredMessage>;
}

/** Signs in as the admin through the REST API that the page uses. */
export async function signIn(url: string): Promise<ChatUser> {
  const { token } = await request<{ token: string }>(`${url}/api/v1/auths/signin`, { body: ADMIN });
  await request(`${url}/api/models`, { token }); // it only knows models that were listed once
  return {
    ask: async (question, toolServerId) => {
      const answerId = randomUUID();
      const chat = newChat(question, answerId);
      const { id: chatId } = await request<{ id: string }>(`${url}/api/v1/chats/new`, { token, body: { chat } });
      await request(`${url}/api/chat/completions`, { token, body: completion(question, { chatId, answerId, toolServerId }) });
      const look = async () => {
        const stored = await request<StoredChat>(`${url}/api/v1/chats/${chatId}`, { token });
        const message = stored.chat.history.messages[answerId];
        return message?.done || message?.error ? message : undefined;
      };
      return until(`the answer to ${JSON.stringify(question)}`, look, ANSWER_TIMEOUT_MS);
    },
  };
}

interface StoredChat {
  readonly chat: { readonly history: { readonly messages: Readonly<Record<string, StoredMessage>> } };
}

/** A chat as the page creates it before it asks: the question and an answer that is still empty. */
function newChat(question: string, answerId: string): object {
  const questionId = randomUUID();
  const common = { timestamp: 1, models: [MODEL_ID] };
  const asked = { id: questionId, parentId: null, childrenIds: [answerId], role: 'user', content: question, ...common };
  const answer = {
    id: answerId,
    parentId: questionId,
    childrenIds: [],
    role: 'assistant',
    content: '',
    model: MODEL_ID,
    modelIdx: 0,
    timestamp: 1,
  };
  const history = { messages: { [questionId]: asked, [answerId]: answer }, currentId: answerId };
  return { id: '', title: question, models: [MODEL_ID], params: {}, history, messages: [asked, answer], tags: [], timestamp: 1 };
}

interface CompletionIds {
  readonly chatId: string;
  readonly answerId: string;
  readonly toolServerId: string;
}

/** The page's request; its `session_id` is what makes Open WebUI run it in the background with its built-in tools. */
function completion(question: string, { chatId, answerId, toolServerId }: CompletionIds): object {
  return {
    model: MODEL_ID,
    messages: [{ role: 'user', content: question }],
    stream: true,
    chat_id: chatId,
    id: answerId,
    session_id: randomUUID(),
    tool_ids: [`server:${toolServerId}`],
    params: {},
    background_tasks: {},
    features: {},
  };
}

interface RequestOptions {
  readonly token?: string;
  /** Sent as JSON by POST; without it, a GET. */
  readonly body?: object;
}

async function request<T>(url: string, { token, body }: RequestOptions): Promise<T> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
