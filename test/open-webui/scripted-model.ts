import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ChatRequest } from './chat-request.ts';
import { nextReply, type Reply } from './model-script.ts';

export const MODEL_ID = 'scripted';

/** An OpenAI-compatible provider of one model that follows `nextReply`. */
export interface ScriptedModel {
  /** Its base URL, ending in `/v1`. */
  readonly url: string;
  /** Every chat that was asked of it, oldest first. */
  readonly requests: readonly ChatRequest[];
  /** Runs the action once, after the next question has arrived and before its tool call goes out: while the model thinks. */
  whileThinking(action: () => Promise<void>): void;
  close(): Promise<void>;
}

export async function startScriptedModel(): Promise<ScriptedModel> {
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
    writeStream(response, reply);
  };

  const server = createServer((request, response) => {
    if (request.url === '/v1/models') return writeModels(response);
    complete(request, response).catch((error: unknown) =>
      response.writeHead(500).end(JSON.stringify({ error: { message: String(error) } })),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
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

function writeModels(response: ServerResponse): void {
  const model = { id: MODEL_ID, name: 'Scripted model', object: 'model', created: 1, owned_by: 'test' };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: [model] }));
}

function writeStream(response: ServerResponse, reply: Reply): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (reply.kind === 'tool_call') {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: reply.name, arguments: reply.argumentsText } };
    response.write(chunk({ role: 'assistant', content: null, tool_calls: [call] }, null));
    response.write(chunk({}, 'tool_calls'));
  } else {
    response.write(chunk({ role: 'assistant', content: reply.text }, null));
    response.write(chunk({}, 'stop'));
  }
  response.end('data: [DONE]\n\n');
}

function chunk(delta: object, finishReason: 'stop' | 'tool_calls' | null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: MODEL_ID, choices })}\n\n`;
}
