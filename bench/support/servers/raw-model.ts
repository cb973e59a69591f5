/**
 * An OpenAI-compatible server on bare node:http, as cheap as it can be, which answers at once: where tools are offered, and none has answered
 * yet, it asks for the tool `echo`, else it says a word. Streamed where that is asked for. `GET /counts` tells how often it was asked.
 */
import { createServer, type ServerResponse } from 'node:http';
import { ECHO_ARGUMENTS } from '../echo-tool.ts';
import { listen } from './listen.ts';

const COMMON = { id: 'chatcmpl-1', created: 1, model: 'raw' };
const USAGE = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };
const CALL = { id: 'call_1', type: 'function', function: { name: 'echo', arguments: ECHO_ARGUMENTS } };
const SAYS = answersOf({ role: 'assistant', content: 'Done.' }, { role: 'assistant', content: 'Done.' }, 'stop');
const ASKS = answersOf(
  { role: 'assistant', content: null, tool_calls: [CALL] },
  { role: 'assistant', content: null, tool_calls: [{ index: 0, ...CALL }] },
  'tool_calls',
);
const MODELS = JSON.stringify({ object: 'list', data: [{ id: 'raw', object: 'model', created: 1, owned_by: 'bench' }] });
let asked = 0;

const server = createServer((request, response) => {
  if (request.url === '/counts') return void response.end(JSON.stringify({ asked }));
  if (request.method === 'GET') return json(response, MODELS);
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => answer(text, response));
});
listen(server);

function answer(text: string, response: ServerResponse): void {
  asked += 1;
  const { whole, streamed } = text.includes('"tools":') && !text.includes('"role":"tool"') ? ASKS : SAYS;
  if (!text.includes('"stream":true')) return json(response, whole);
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(streamed);
}

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function answersOf(message: object, delta: object, finish_reason: string) {
  const chunk = (choice: object) =>
    `data: ${JSON.stringify({ ...COMMON, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] })}\n\n`;
  const whole = { ...COMMON, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage: USAGE };
  const streamed = `${chunk({ delta, finish_reason: null })}${chunk({ delta: {}, finish_reason })}data: [DONE]\n\n`;
  return { whole: JSON.stringify(whole), streamed };
}
