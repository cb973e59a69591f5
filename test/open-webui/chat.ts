import { randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';
import { ADMIN, type Person } from './open-webui-environment.ts';
import { MODEL_ID } from './scripted-model.ts';

const ANSWER_TIMEOUT_MS = 60_000;

/** An assistant's message as Open WebUI stores it. */
export interface StoredMessage {
  readonly role: string;
  readonly content: string;
  readonly done?: boolean;
  readonly error?: unknown;
  /** What was shown above it. */
  readonly statusHistory?: readonly ShownStatus[];
  /** The steps that led to it, in the words of the Responses API. */
  readonly output?: readonly OutputItem[];
}

export interface ShownStatus {
  readonly description: string;
  readonly done: boolean;
}

export type OutputItem =
  | { readonly type: 'function_call'; readonly name: string; readonly arguments: string; readonly status: 'completed' | 'failed' }
  | { readonly type: 'function_call_output'; readonly output: readonly ToolOutput[]; readonly status: 'completed' | 'failed' }
  | { readonly type: 'message'; readonly content: readonly { readonly text: string }[] };

export type ToolOutput =
  { readonly type: 'input_text'; readonly text: string } | { readonly type: 'input_image'; readonly image_url: string };

/** A person signed in to Open WebUI, talking to the scripted model. */
export interface ChatUser {
  readonly id: string;
  /** Asks one question in a new chat with the tools of one connection; gives the stored answer once it is complete. */
  ask(question: string, toolServerId: string): Promise<StoredMessage>;
  /** A new chat with the tools of one connection. */
  startChat(toolServerId: string | undefined, options?: ChatOptions): Chat;
}

export interface ChatOptions {
  /** The scripted model unless told. */
  readonly modelId?: string;
}

/** A chat in which one question follows the other. */
export interface Chat {
  /** Gives the stored answer once it is complete. */
  ask(question: string): Promise<StoredMessage>;
}

/** Signs in through the REST API that the page uses; whom the admin must let in first, he does. */
export async function signIn(url: string, person: Person): Promise<ChatUser> {
  if (person !== ADMIN) await addUser(url, person);
  const { id, token } = await signedIn(url, person);
  await requestOf(`${url}/api/models`, { token }); // it only knows models that were listed once
  const startChat = (toolServerId: string | undefined, options?: ChatOptions) => new StoredChatClient(url, token, toolServerId, options);
  return { id, ask: (question, toolServerId) => startChat(toolServerId).ask(question), startChat };
}

async function addUser(url: string, person: Person): Promise<void> {
  const { token } = await signedIn(url, ADMIN);
  await requestOf(`${url}/api/v1/auths/add`, { token, body: { ...person, role: 'user' } });
}

/** Who signs in, with what further requests are authorized by. */
export function signedIn(url: string, { email, password }: Person): Promise<{ readonly id: string; readonly token: string }> {
  return requestOf(`${url}/api/v1/auths/signin`, { body: { email, password } });
}

class StoredChatClient implements Chat {
  private readonly url: string;
  private readonly token: string;
  private readonly toolServerId: string | undefined;
  private readonly modelId: string;
  private chatId: string | undefined;
  private lastAnswerId: string | null = null;
  private readonly messages: { readonly role: 'user' | 'assistant'; readonly content: string }[] = [];

  constructor(url: string, token: string, toolServerId: string | undefined, { modelId = MODEL_ID }: ChatOptions = {}) {
    this.url = url;
    this.token = token;
    this.toolServerId = toolServerId;
    this.modelId = modelId;
  }

  async ask(question: string): Promise<StoredMessage> {
    const answerId = randomUUID();
    this.messages.push({ role: 'user', content: question });
    const chatId = (this.chatId ??= await this.create(question, answerId));
    const { messages, toolServerId, modelId, lastAnswerId: parentId } = this;
    const followUp = parentId === null ? {} : { user_message: userMessage(question, parentId, modelId) };
    const body = { ...completion({ messages, chatId, answerId, toolServerId, modelId }), ...followUp };
    await requestOf(`${this.url}/api/chat/completions`, { token: this.token, body });
    const stored = await until(`the answer to ${JSON.stringify(question)}`, () => this.completed(chatId, answerId), ANSWER_TIMEOUT_MS);
    this.messages.push({ role: 'assistant', content: stored.content });
    this.lastAnswerId = answerId;
    return stored;
  }

  private async create(question: string, answerId: string): Promise<string> {
    const body = { chat: newChat(question, answerId, this.modelId) };
    return (await requestOf<{ id: string }>(`${this.url}/api/v1/chats/new`, { token: this.token, body })).id;
  }

  private async completed(chatId: string, answerId: string): Promise<StoredMessage | undefined> {
    const stored = await requestOf<StoredChat>(`${this.url}/api/v1/chats/${chatId}`, { token: this.token });
    const message = stored.chat.history.messages[answerId];
    // What is shown above it may end a moment later.
    const isShown = message?.statusHistory?.at(-1)?.done !== false;
    return (message?.done || message?.error) && isShown ? message : undefined;
  }
}

interface StoredChat {
  readonly chat: { readonly history: { readonly messages: Readonly<Record<string, StoredMessage>> } };
}

/** A chat as the page creates it before it asks: the question and an answer that is still empty. */
function newChat(question: string, answerId: string, modelId: string): object {
  const questionId = randomUUID();
  const common = { timestamp: 1, models: [modelId] };
  const asked = { id: questionId, parentId: null, childrenIds: [answerId], role: 'user', content: question, ...common };
  const answer = {
    id: answerId,
    parentId: questionId,
    childrenIds: [],
    role: 'assistant',
    content: '',
    model: modelId,
    modelIdx: 0,
    timestamp: 1,
  };
  const history = { messages: { [questionId]: asked, [answerId]: answer }, currentId: answerId };
  return { id: '', title: question, models: [modelId], params: {}, history, messages: [asked, answer], tags: [], timestamp: 1 };
}

/** A further question as the page hands it over: Open WebUI appends it, and an empty answer, to the chat by itself. */
function userMessage(question: string, parentId: string, modelId: string): object {
  return { id: randomUUID(), parentId, childrenIds: [], role: 'user', content: question, timestamp: 1, models: [modelId] };
}

interface Completion {
  readonly messages: readonly object[];
  readonly chatId: string;
  readonly answerId: string;
  readonly toolServerId: string | undefined;
  readonly modelId: string;
}

/** The page's request; its `session_id` is what makes Open WebUI run it in the background with its built-in tools. */
function completion({ messages, chatId, answerId, toolServerId, modelId }: Completion): object {
  return {
    model: modelId,
    messages,
    stream: true,
    chat_id: chatId,
    id: answerId,
    session_id: randomUUID(),
    tool_ids: toolServerId === undefined ? [] : [`server:${toolServerId}`],
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

/** What the API answers. */
export async function requestOf<T>(url: string, { token, body }: RequestOptions): Promise<T> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
