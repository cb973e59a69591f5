import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ChatRequest } from './chat-request.ts';
import { nextReply, type Spoken } from './model-script.ts';

export const MODEL_ID = 'scripted';

/** An OpenAI-compatible provider of one model that follows `nextReply`. */
export interface ScriptedModel {
  /** Its base URL, ending in `/v1`. */
  readonly url: string;
  /** Every chat that was asked of it, oldest first. */
  readonly requests: readonly ChatRequest[];
  /** How many of them were given up. */
  readonly left: number;
  /** Runs the action once, after the next question has arrived and before its tool call goes out: while the model thinks. */
  whileThinking(action: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function startScriptedModel(id = MODEL_ID): Promise<ScriptedModel> {
  let left = 0;
  const requests: ChatRequest[] = [];
  let thought: (() => Promise<void>) | undefined;

  const complete = async (request: IncomingMessage, response: ServerResponse) => {
    const chat = (await json(request)) as ChatRequest;
    requests.push(chat);
    const reply = nextReply(chat);
    if (reply.kind === 'tool_call') {
      const action = thought;
      thought = undefined;
      await action?.();
    }
    if (reply.kind === 'trouble') makeTrouble(response, reply.what);
    else if (chat.stream === true) writeStream(response, reply);
    else writeWhole(response, reply);
  };

  const server = createServer((request, response) => {
    if (request.url === '/v1/models') return writeModels(response, id);
    response.on('close', () => (left += response.writableFinished ? 0 : 1));
    complete(request, response).catch((error: unknown) =>
      response.writeHead(500).end(JSON.stringify({ error: { message: String(error) } })),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get left() {
      return left;
    },
    whileThinking: (action) => {
      thought = action;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function writeModels(response: ServerResponse, id: string): void {
  const model = {
    id,
    name: id === MODEL_ID ? 'Scripted model' : 'Model behind the gateway',
    object: 'model',
    created: 1,
    owned_by: 'test',
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: [model] }));
}

/** What a model should not do. */
function makeTrouble(response: ServerResponse, what: string): void {
  if (what === 'fail:before') {
    response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: 'Slow down' } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (what === 'event:') {
    response.write(`data: ${JSON.stringify({ event: { type: 'status', data: { description: 'not ours', done: true } } })}\n\n`);
    return writeEnd(response, 'Said.');
  }
  response.write(chunk({ role: 'assistant', content: what === 'endless:' ? 'Word ' : 'So far' }, null));
  if (what === 'fail:within') return void setTimeout(() => response.destroy(), 300);
  const timer = setInterval(() => response.write(chunk({ content: 'Word ' }, null)), 200);
  response.on('close', () => clearInterval(timer));
}

function writeEnd(response: ServerResponse, text: string): void {
  response.write(chunk({ role: 'assistant', content: text }, null));
  response.write(chunk({}, 'stop'));
  response.end('data: [DONE]\n\n');
}

function writeStream(response: ServerResponse, reply: Spoken): void {
  if (reply.kind === 'tool_call') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: reply.name, arguments: reply.argumentsText } };
    response.write(chunk({ role: 'assistant', content: null, tool_calls: [call] }, null));
    response.write(chunk({}, 'tool_calls'));
    response.end('data: [DONE]\n\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  writeEnd(response, reply.text);
}

/** Titles and the like are asked for so. */
function writeWhole(response: ServerResponse, reply: Spoken): void {
  const call = { id: 'call_1', type: 'function', function: { name: '', arguments: '' } };
  const message =
    reply.kind === 'tool_call'
      ? { role: 'assistant', content: null, tool_calls: [{ ...call, function: { name: reply.name, arguments: reply.argumentsText } }] }
      : { role: 'assistant', content: reply.text };
  const choices = [{ index: 0, message, finish_reason: reply.kind === 'tool_call' ? 'tool_calls' : 'stop' }];
  const body = { id: 'chat_1', object: 'chat.completion', created: 1, model: MODEL_ID, choices };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function chunk(delta: object, finishReason: 'stop' | 'tool_calls' | null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: MODEL_ID, choices })}\n\n`;
}
