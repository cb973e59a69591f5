import { closesAfterEach } from './support/ends.js';
import { type GatewayHere, httpUpstream, stdioUpstream } from './support/gateway.js';
import { type AnyClient, CLIENTS, type ClientKind, type ClientOptions, connect, startMcpGateway } from './support/clients/mcp-clients.js';
import { packaged } from './support/installed/server-everything.js';
import { startNode } from './support/processes.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const FULL = 'test/support/servers/full-v2.mjs';
const accept = () => ({ action: 'accept', content: { day: 'Monday' } });
const hi = () => ({ role: 'assistant', content: { type: 'text', text: 'hi' }, model: 'test' });

describe.each(CLIENTS)('[AC1][T2] /mcp for the client %s', (kind: ClientKind) => {
  const closing = closesAfterEach();

  const client = async (gateway: GatewayHere, path = '/mcp', options: ClientOptions = {}): Promise<AnyClient> =>
    closing(await connect(kind, gateway.url + path, options));

  describe('before a server of 2026-07-28', () => {
    const start = async (more = {}) => {
      const server = closing(await startNode(FULL));
      const gateway = closing(await startMcpGateway({}, [httpUpstream(`${server.url}/`, { name: 'full' })], more));
      await untilPublished(gateway, more === PREFIXED ? 'full_echo' : 'echo');
      return { server, gateway };
    };
    const PREFIXED = { naming: 'prefixed' } as const;

    it('lists and calls its tools, with whatever else stands in them', async () => {
      const { gateway } = await start();
      const { tools } = await (await client(gateway)).listTools();
      expect(tools.map(({ name }) => name)).toEqual(['echo', 'ask', 'sample', 'tell', 'touch']);
      expect(tools[0]).toMatchObject({ _meta: { 'test/of': 'echo' } });
      const result = await (await client(gateway)).callTool({ name: 'echo', arguments: { value: 1 } });
      expect(result).toMatchObject({
        content: [{ type: 'text', text: JSON.stringify({ name: 'echo', arguments: { value: 1 } }) }],
        'x-unknown': [20],
      });
    });

    it('has its prompts, resources, templates and suggestions', async () => {
      const { gateway } = await start(PREFIXED);
      const all = await client(gateway);
      expect((await all.listPrompts()).prompts).toMatchObject([{ name: 'full_greet', arguments: [{ name: 'who' }] }]);
      expect((await all.getPrompt({ name: 'full_greet', arguments: { who: 'Ann' } })).messages).toEqual([
        { role: 'user', content: { type: 'text', text: 'Hello Ann' } },
      ]);
      expect((await all.listResources()).resources).toMatchObject([{ uri: 'full://one', name: 'one' }]);
      expect((await all.listResourceTemplates()).resourceTemplates).toMatchObject([{ uriTemplate: 'full://item/{id}' }]);
      expect((await all.readResource({ uri: 'full://item/7' })).contents).toEqual([
        { uri: 'full://item/7', text: 'text of full://item/7' },
      ]);
      await expect(all.readResource({ uri: 'full://none' })).rejects.toMatchObject({
        // Newer clients say it in the newest words, whatever came.
        code: kind === 'v1' ? -32002 : -32602,
        message: expect.stringContaining('Resource not found'),
      });
      const ref = { type: 'ref/prompt', name: 'full_greet' } as const;
      expect((await all.complete({ ref, argument: { name: 'who', value: 'A' } })).completion.values).toEqual(['A...', 'greet']);
      const one = await client(gateway, '/mcp/full');
      expect((await one.listPrompts()).prompts.map(({ name }) => name)).toEqual(['greet']);
      expect((await one.listTools()).tools[0]?.name).toBe('echo');
      expect(one.getInstructions()).toBe('Full of everything.');
    });

    it('puts its questions to the client, and its answers to the server', async () => {
      const { gateway } = await start();
      const asked: unknown[] = [];
      const answering = await client(gateway, '/mcp', { elicitation: (params) => (asked.push(params), accept()), sampling: hi });
      expect(await answering.callTool({ name: 'ask' })).toMatchObject({
        content: [{ text: '{"action":"accept","content":{"day":"Monday"}}' }],
      });
      expect(asked).toMatchObject([{ message: 'Which day?' }]);
      expect(await answering.callTool({ name: 'sample' })).toMatchObject({ content: [{ text: 'hi' }] });
    });
  });

  describe('before a server of an older generation', () => {
    const start = async () => {
      const gateway = closing(await startMcpGateway({}, [stdioUpstream(packaged('server-everything'), [], { name: 'everything' })]));
      await untilPublished(gateway, 'echo');
      return gateway;
    };

    it('has all that it has', async () => {
      const gateway = await start();
      const one = await client(gateway);
      const { tools } = await one.listTools();
      expect(tools.map(({ name }) => name)).toContain('echo');
      expect(await one.callTool({ name: 'echo', arguments: { message: 'hello' } })).toMatchObject({
        content: [{ type: 'text', text: 'Echo: hello' }],
      });
      expect((await one.listPrompts()).prompts.map(({ name }) => name)).toContain('simple-prompt');
      const { resources } = await one.listResources();
      expect(resources.length).toBeGreaterThan(3);
      const { contents } = await one.readResource({ uri: resources[0]?.uri as string });
      expect(contents[0]?.uri).toBe(resources[0]?.uri);
      expect((await one.listResourceTemplates()).resourceTemplates.length).toBeGreaterThan(0);
      expect(one.getInstructions()).toContain('Everything Server');
    });

    it('puts its questions to the client', async () => {
      const one = await client(await start(), '/mcp', { elicitation: () => ({ action: 'decline' }), sampling: hi });
      const tools = (await one.listTools()).tools.map(({ name }) => name);
      expect(tools).toContain('trigger-elicitation-request');
      const { content } = await one.callTool({ name: 'trigger-elicitation-request', arguments: {} });
      expect(JSON.stringify(content)).toContain('declined');
      const sampled = await one.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'p' } });
      expect(JSON.stringify(sampled.content)).toContain('hi');
    });

    it('reports progress under the token of the client', async () => {
      const one = await client(await start());
      const progress: unknown[] = [];
      await one.callTool({ name: 'trigger-long-running-operation', arguments: { duration: 0.5, steps: 2 } }, {
        onprogress: (told: unknown) => progress.push(told),
      } as never);
      await until('progress', () => progress.length >= 1);
      expect(progress[0]).toMatchObject({ progress: 1, total: 2 });
    });
  });
});
