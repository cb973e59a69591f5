// An MCP server of 2026-07-28 alone with everything that there is: tools that ask, log and report, prompts, resources, completion, changes.
// Streamable HTTP; prints where it listens.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';

const object = { type: 'object' };
const tools = [
  { name: 'echo', inputSchema: object, 'x-unknown': { kept: true }, _meta: { 'test/of': 'echo' } },
  { name: 'ask', inputSchema: object },
  { name: 'sample', inputSchema: object },
  { name: 'tell', inputSchema: object },
  { name: 'touch', inputSchema: object },
];
const FORM = { mode: 'form', message: 'Which day?', requestedSchema: { type: 'object', properties: { day: { type: 'string' } } } };
const SAMPLE = { messages: [{ role: 'user', content: { type: 'text', text: 'Say hi.' } }], maxTokens: 10 };
const HINTS = { ttlMs: 1_000, cacheScope: 'public' };
const text = (value) => ({ content: [{ type: 'text', text: value, 'x-unknown': 1 }], 'x-unknown': [20] });

function input(key, method, params, { inputResponses }, then) {
  if (inputResponses?.[key]) return then(inputResponses[key]);
  return { resultType: 'input_required', inputRequests: { [key]: { method, params } }, requestState: 'state-of-the-server' };
}

function newServer() {
  const capabilities = {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    completions: {},
    logging: {},
  };
  const server = new Server({ name: 'full-v2', version: '1' }, { capabilities, instructions: 'Full of everything.' });
  server.fallbackRequestHandler = async ({ method, params }, { mcpReq }) => {
    switch (method) {
      case 'tools/list':
        return { tools, ...HINTS };
      case 'tools/call':
        return call(params, mcpReq);
      case 'prompts/list':
        return { prompts: [{ name: 'greet', arguments: [{ name: 'who' }], 'x-unknown': 1 }], ...HINTS };
      case 'prompts/get':
        return { messages: [{ role: 'user', content: { type: 'text', text: `Hello ${params.arguments?.who}` } }], 'x-unknown': 1 };
      case 'resources/list':
        return { resources: [{ uri: 'full://one', name: 'one', 'x-unknown': 1 }], ...HINTS };
      case 'resources/templates/list':
        return { resourceTemplates: [{ uriTemplate: 'full://item/{id}', name: 'item' }], ...HINTS };
      case 'resources/read':
        if (params.uri === 'full://none') throw Object.assign(new Error('Resource not found'), { code: -32602, data: { uri: params.uri } });
        return { contents: [{ uri: params.uri, text: `text of ${params.uri}` }], ...HINTS };
      case 'completion/complete':
        return { completion: { values: [`${params.argument.value}...`, params.ref.name ?? params.ref.uri] } };
      default:
        throw Object.assign(new Error('Method not found'), { code: -32601 });
    }
  };
  return server;
}

async function call({ name, arguments: args }, mcpReq) {
  if (name === 'ask') return input('day', 'elicitation/create', FORM, mcpReq, (answer) => text(JSON.stringify(answer)));
  if (name === 'sample') return input('words', 'sampling/createMessage', SAMPLE, mcpReq, ({ content }) => text(content.text));
  if (name === 'tell') {
    await mcpReq.log('warning', 'mind the gap');
    await mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken: mcpReq._meta?.progressToken, progress: 1, total: 2 },
    });
    return text('told');
  }
  if (name === 'touch') handler.notify.resourceUpdated(args.uri);
  return text(JSON.stringify({ name, arguments: args }));
}

const handler = createMcpHandler(newServer, { legacy: 'reject' });
const http = createServer((request, response) => void toNodeHandler(handler)(request, response));
http.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${http.address().port}` })}\n`);
});
