import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { SessionTalk } from '../src/faces/mcp/talk/session-talk.service.js';
import { StdioFace } from '../src/faces/mcp/stdio/stdio-face.service.js';
import { GATEWAY } from './support/built.js';
import { closesAfterEach } from './support/ends.js';
import { runGateway } from './support/gateway-run.js';
import { type AnyClient, CLIENTS, type ClientKind } from './support/clients/mcp-clients.js';
import { startGatewayHere } from './support/gateway.js';
import { ROOT } from './support/processes.js';
import { temporaryFolder } from './support/recorded.js';
import { packaged } from './support/installed/server-everything.js';
import { isRunning, Piped } from './support/clients/piped-gateway.js';
import { until } from './support/until.js';

const { PATH = '', HOME = '' } = process.env;
const RAW = path.resolve(ROOT, 'test/support/servers/raw-stdio.mjs');
const INFO = { name: 'test', version: '1' };
const everything = ['--', process.execPath, packaged('server-everything')];
const rawServer = (quirks: object) => ['--', process.execPath, RAW, JSON.stringify(quirks)];

async function connect(kind: ClientKind, args: readonly string[], elicitation?: (params: unknown) => object): Promise<AnyClient> {
  const params = { command: process.execPath, args: [path.join(ROOT, GATEWAY), '--stdio', ...args], env: { PATH, HOME }, stderr: 'ignore' };
  const capabilities = elicitation ? { elicitation: { form: {} } } : {};
  const heard: AnyClient['heard'] = [];
  if (kind === 'v1') {
    const client = new ClientV1(INFO, { capabilities });
    if (elicitation) client.setRequestHandler(ElicitRequestSchema, ({ params: asked }) => elicitation(asked) as never);
    client.fallbackNotificationHandler = async (notification) => void heard.push(notification);
    await client.connect(new TransportV1(params as never));
    const callTool = (asked: never, options: never) => ClientV1.prototype.callTool.call(client, asked, undefined, options);
    return Object.assign(client as unknown as AnyClient, { heard, callTool: callTool as unknown as AnyClient['callTool'] });
  }
  const mode = kind === 'v2 modern' ? { pin: '2026-07-28' } : ('legacy' as const);
  const client = new Client(INFO, { capabilities, versionNegotiation: { mode } });
  if (elicitation) client.setRequestHandler('elicitation/create', ({ params: asked }) => elicitation(asked) as never);
  client.fallbackNotificationHandler = async (notification) => void heard.push(notification as never);
  await client.connect(new StdioClientTransport(params as never));
  return Object.assign(client as unknown as AnyClient, { heard, era: undefined });
}

describe.each(CLIENTS)('[AC1][T2] the gateway over stdio for the client %s', (kind: ClientKind) => {
  const closing = closesAfterEach();

  it('lists and calls tools, tells progress, puts questions, and cancels', async () => {
    const one = closing(await connect(kind, everything, () => ({ action: 'decline' })));
    expect((await one.listTools()).tools.map(({ name }) => name)).toContain('trigger-elicitation-request');
    expect(await one.callTool({ name: 'echo', arguments: { message: 'hello' } })).toMatchObject({
      content: [{ type: 'text', text: 'Echo: hello' }],
    });
    const told: unknown[] = [];
    const long = { name: 'trigger-long-running-operation', arguments: { duration: 0.5, steps: 2 } };
    await one.callTool(long, { onprogress: (progress: unknown) => told.push(progress) } as never);
    await until('progress', () => told.length > 0);
    expect(told[0]).toMatchObject({ progress: 1, total: 2 });
    expect(JSON.stringify(await one.callTool({ name: 'trigger-elicitation-request', arguments: {} }))).toContain('declined');
    const abort = new AbortController();
    const endless = { ...long, arguments: { duration: 600, steps: 600 } };
    const given = one.callTool(endless, { signal: abort.signal } as never);
    setTimeout(() => abort.abort(), 100);
    await expect(given).rejects.toThrow();
    expect((await one.listPrompts()).prompts.length).toBeGreaterThan(0);
    expect(one.getInstructions()).toContain('Everything Server');
  });
});

describe('[T2] the gateway over stdio', () => {
  const closing = closesAfterEach();
  const folder = temporaryFolder();

  it('tells on stderr what is wrong with its settings, and exits 1', () => {
    expect(runGateway(['--stdio', '--port', 'x'])).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('--port') });
  });

  it('says nothing but messages on stdout, whatever writes there, and logs whole lines on stderr', async () => {
    const noisy = path.join(folder(), 'noisy.mjs');
    writeFileSync(noisy, `setInterval(() => { console.log('noise'); process.stdout.write('more noise\\n'); }, 20);`);
    const piped = closing(Piped.start(rawServer({}), {}, ['--import', noisy])).read();
    await piped.open();
    await until('noise', () => piped.log.includes('more noise') && piped.log.includes('noise'));
    const heard = piped.notMessages.length;
    await piped.ask(1, 'tools/list');
    expect(piped.notMessages).toHaveLength(heard);
    piped.child.stdin.end();
    expect(await piped.exited).toBe(0);
    const lines = piped.log.filter((line) => !line.endsWith('noise')).map((line) => JSON.parse(line) as { msg: string; method?: string });
    expect(lines.filter(({ msg }) => msg === 'request').map(({ method }) => method)).toEqual(['initialize', 'tools/list']);
  });

  it('answers lines that are no messages, and too long ones, and goes on', async () => {
    const piped = closing(Piped.start(rawServer({}), { MAX_BODY_BYTES: '20000' })).read();
    await piped.open();
    for (const line of ['rubbish', '[]', '{"id":1}', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', '\u0000', '', `${'['.repeat(9_000)}`])
      piped.child.stdin.write(`${line}\n`);
    piped.say({ id: 7, method: 'tools/call', params: { name: 'x', arguments: { text: 'x'.repeat(30_000) } } });
    expect(await piped.ask(8, 'ping')).toEqual({ jsonrpc: '2.0', id: 8, result: {} });
    const refused = piped.messages.filter(({ error }) => error).map(({ id, error }) => [id, (error as { code: number }).code]);
    expect(refused).toEqual([-32700, -32600, -32600, -32600, -32700, -32600, -32600].map((code) => [null, code]));
  });

  it('[P4] gives up calls in flight when its client closes stdin, exits 0, and leaves no child', async () => {
    const record = path.join(folder(), 'record');
    const piped = closing(Piped.start(rawServer({ record, ignoresSigterm: true }))).read();
    await piped.open();
    piped.say({ id: 1, method: 'tools/call', params: { name: 'hang', arguments: {} } });
    await until('the call has come', () => readFileSync(record, 'utf8').includes('"hang"'));
    const before = performance.now();
    piped.child.stdin.end();
    expect(await piped.exited).toBe(0);
    expect(performance.now() - before).toBeLessThan(10_000);
    const [, pid] = /start (\d+)/.exec(readFileSync(record, 'utf8')) ?? [];
    await until('the child is gone', () => !isRunning(Number(pid)));
  });

  it('[P5] ends with a client that does not read, and keeps little for it', async () => {
    const piped = closing(Piped.start(everything));
    const call = { name: 'echo', arguments: { message: 'x'.repeat(100_000) } };
    piped.say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: INFO } });
    await until('open', () => piped.log.some((line) => line.includes('"initialize"')));
    for (let id = 1; id <= 50; id += 1) piped.say({ id, method: 'tools/call', params: call });
    await until('a call is answered', () => piped.log.some((line) => line.includes('"tools/call"')));
    const { pid } = piped.child;
    piped.child.stdin.end();
    await until('the process is gone', () => !isRunning(pid as number));
  });

  it('[P5] gives up a client for whom more and more waits unread', async () => {
    const piped = closing(Piped.start(rawServer({})));
    piped.say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: INFO } });
    await until('open', () => piped.log.some((line) => line.includes('"initialize"')));
    for (let id = 1; id <= 12; id += 1) piped.say({ id, method: 'tools/call', params: { name: 'big', arguments: { bytes: 8_000_000 } } });
    const { pid } = piped.child;
    await until('the process is gone', () => !isRunning(pid as number));
    expect(piped.log.join('\n')).toContain('the client reads nothing, and is given up');
  });

  it('[T2] listens on no port, and whoever starts it is let in without a key', async () => {
    const piped = closing(Piped.start(rawServer({}), { API_KEYS: 'ann:key-of-ann-which-is-long', PORT: '1' })).read();
    await piped.open();
    expect(await piped.ask(1, 'tools/list')).toMatchObject({ result: { tools: expect.any(Array) } });
    expect(piped.log.join('\n')).not.toContain('listening');
  });

  it('[E6] tells of its own failure in general terms, and logs it whole', async () => {
    const gateway = closing(await startGatewayHere({}, []));
    const logged: unknown[] = [];
    gateway.app.useLogger({ log: () => undefined, warn: () => undefined, error: (entry: unknown) => logged.push(entry) });
    const inside = new Error('CANARY: connect to db://admin:secret@10.0.0.7 failed');
    jest.spyOn(gateway.app.get(SessionTalk, { strict: false }), 'answer').mockRejectedValue(inside);
    const [input, output] = [new PassThrough(), new PassThrough()];
    const served = gateway.app.get(StdioFace, { strict: false }).serve(input, output, 1_000_000);
    const answers: { readonly id: number }[] = [];
    createInterface({ input: output }).on('line', (line) => answers.push(JSON.parse(line) as { readonly id: number }));
    const ask = (id: number, method: string, params: object) => {
      input.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      return until('an answer', () => answers.find((answer) => answer.id === id));
    };
    await ask(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: INFO });
    const message = 'The gateway failed. The log has more under this correlation id.';
    expect(await ask(2, 'tools/list', {})).toEqual({ jsonrpc: '2.0', id: 2, error: { code: -32603, message } });
    expect(logged).toEqual([{ msg: 'unexpected failure', correlation_id: expect.any(String), err: inside }]);
    input.end();
    await served;
  });
});
