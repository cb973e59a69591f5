/**
 * An MCP server over streamable HTTP on bare node:http, as cheap as it can be: what is measured in front of it is not its own cost.
 * It answers tools/call as application/json, with `--sse` as a stream of one event. It lists one tool, or with `--tools N` so many.
 * With `--work-ms N` a call takes so long. With `--changes` each path `/{server}/mcp` is a server of its own, which keeps a standing stream; `POST /{server}/change` changes one
 * of its tools, says so, and is answered when the server has been listed anew. `GET /counts` tells how often it was begun with and called.
 */
import { createServer, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { ECHO_TEXT, ECHO_TOOL } from '../echo-tool.ts';
import { ChangingLists } from './changing-lists.ts';
import { toolList } from '../tool-lists.ts';
import { listen } from './listen.ts';

interface Message {
  readonly id?: string | number;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string };
}

const PROTOCOL_VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18'];
const { values } = parseArgs({
  options: {
    sse: { type: 'boolean' },
    tools: { type: 'string' },
    changes: { type: 'boolean' },
    'work-ms': { type: 'string', default: '0' },
  },
});
const workMs = Number(values['work-ms']);
const isSse = values.sse === true;
const tools = values.tools === undefined ? [ECHO_TOOL] : toolList(Number(values.tools));
const changing = values.changes ? new ChangingLists(Number(values.tools ?? 1)) : undefined;
const callResultTail = `,"result":${JSON.stringify({ content: [{ type: 'text', text: ECHO_TEXT }] })}}`;
const counts = { initialize: 0, calls: 0 };

const server = createServer((request, response) => {
  const url = request.url ?? '/';
  if (url === '/counts') return void response.end(JSON.stringify(counts));
  if (request.method === 'GET' && changing) return changing.open(url, response);
  if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405, { 'Content-Length': 0 }).end();
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => (changing && url.endsWith('/change') ? changing.change(url, response) : answer(text, url, response)));
});
listen(server);

function answer(text: string, url: string, response: ServerResponse): void {
  if (text.includes('"method":"tools/call"')) {
    counts.calls += 1;
    const id = idOf(text);
    if (workMs > 0) return void setTimeout(() => sendCallResult(id, response), workMs);
    return sendCallResult(id, response);
  }
  const message = JSON.parse(text) as Message;
  if (message.id === undefined) return void response.writeHead(202, { 'Content-Length': 0 }).end();
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (message.method === 'initialize') {
    counts.initialize += 1;
    headers['Mcp-Session-Id'] = 'bench-session';
  }
  response.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...outcome(message, url) }));
}

function sendCallResult(id: string, response: ServerResponse): void {
  const body = `{"jsonrpc":"2.0","id":${id}${callResultTail}`;
  if (isSse) return void response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(`event: message\ndata: ${body}\n\n`);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** The id as it is written in the text: the arguments of the bench hold no key of that name. */
function idOf(text: string): string {
  return /"id":\s*("[^"]*"|\d+)/.exec(text)?.[1] ?? 'null';
}

function outcome({ method, params }: Message, url: string): Record<string, unknown> {
  switch (method) {
    case 'initialize':
      return { result: initializeResult(params?.protocolVersion) };
    case 'tools/list':
      return { result: { tools: changing?.list(url) ?? tools } };
    case 'ping':
      return { result: {} };
    default:
      return { error: { code: -32601, message: 'Method not found' } };
  }
}

function initializeResult(asked = ''): Record<string, unknown> {
  return {
    protocolVersion: PROTOCOL_VERSIONS.includes(asked) ? asked : '2025-06-18',
    capabilities: { tools: changing ? { listChanged: true } : {} },
    serverInfo: { name: 'raw-upstream', version: '1.0.0' },
  };
}
