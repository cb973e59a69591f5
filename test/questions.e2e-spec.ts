import path from 'node:path';
import type { ToolCallRequest } from '../src/call/tool-call-request.ts';
import { closesAfterEach } from './support/ends.ts';
import { callOfNobody } from './support/faces/call-of-nobody.ts';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { packaged } from './support/installed/server-everything.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { ROOT, startNode } from './support/processes.ts';
import { callTool, errorOf, untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const FORM = { message: 'Which day?', requestedSchema: { type: 'object', properties: { day: { type: 'string' } } } };
const ANSWER = { action: 'accept', content: { day: 'Monday' } };
const ELICITATION = { elicitation: { form: {}, url: {} } };
const NOT_ASKED = (name: string) =>
  `"${name}" asks the user a question, which cannot be put to them here, so it was declined. Call it over WebSocket (/v1/ws) or MCP (/mcp) with a client that answers questions, or give it all it needs as arguments.`;

describe('questions of servers in the course of a call', () => {
  const closing = closesAfterEach();

  const call = async (gateway: GatewayHere, request: Partial<ToolCallRequest> = {}) => (await callOfNobody(gateway, request)).outcome;
  const asker = (answer: unknown = ANSWER) => {
    const asked: unknown[] = [];
    const ask = (question: unknown) => {
      asked.push(question);
      return Promise.resolve({ result: answer } as never);
    };
    return { asked, asker: { capabilities: ELICITATION, ask } };
  };

  /** Asks in the stream of a call, and answers it with the answer that it gets. */
  const askingServer = async (env = {}) => {
    const server: RawMcpServer = closing(
      await RawMcpServer.start({
        on: {
          'tools/call': (exchange: Exchange) => {
            exchange.stream(
              { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'at work' } },
              { jsonrpc: '2.0', id: 'q-1', method: 'elicitation/create', params: FORM },
            );
            server.on['response'] = (reply) => {
              reply.send(202);
              const { result, error } = JSON.parse(reply.text) as { result?: unknown; error?: unknown };
              exchange.event(exchange.answer({ content: [{ type: 'text', text: JSON.stringify(result ?? error) }] }));
              exchange.response.end();
            };
          },
        },
      }),
    );
    const gateway = closing(await startGatewayHere(env, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  it('[AC4] over streamable HTTP go to who made the call, with what is logged', async () => {
    const { gateway, server } = await askingServer();
    const { asked, asker: own } = asker();
    const logs: unknown[] = [];
    const outcome = await call(gateway, { asker: own, onLog: (params) => logs.push(params) });
    expect(outcome).toMatchObject({ kind: 'result', result: { value: { content: [{ type: 'text', text: JSON.stringify(ANSWER) }] } } });
    expect(asked).toEqual([{ method: 'elicitation/create', params: FORM }]);
    expect(logs).toEqual([{ level: 'info', data: 'at work' }]);
    const [reply] = server.received('response') as [Exchange];
    const [carrier] = server.received('tools/call') as [Exchange];
    expect([reply.sessionId, reply.text]).toEqual([carrier.sessionId, JSON.stringify({ jsonrpc: '2.0', id: 'q-1', result: ANSWER })]);
  });

  it('[AC4] are declined over HTTP, which says who can answer', async () => {
    const { gateway } = await askingServer();
    expect(await callTool(gateway, 'work')).toMatchObject({
      status: 422,
      body: errorOf({
        type: 'tool_error',
        message: `${NOT_ASKED('work')}\nThe tool went on without an answer and said: {"action":"decline"}`,
      }),
    });
  });

  it('[AC4] wait for no longer than ELICITATION_TIMEOUT', async () => {
    const { gateway } = await askingServer({ ELICITATION_TIMEOUT: '1', REQUEST_TIMEOUT: '30' });
    let withdrawn = false;
    const ask = (_: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => (withdrawn = true));
      return new Promise<never>(() => undefined);
    };
    const outcome = await call(gateway, { asker: { capabilities: ELICITATION, ask } });
    expect(outcome).toMatchObject({ kind: 'result', result: { value: { content: [{ text: '{"action":"cancel"}' }] } } });
    expect(withdrawn).toBe(true);
  });

  it('[AC4] count as no silence of the server', async () => {
    const { gateway } = await askingServer({ REQUEST_TIMEOUT: '1' });
    const ask = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return { result: ANSWER };
    };
    expect(await call(gateway, { asker: { capabilities: ELICITATION, ask } })).toMatchObject({ kind: 'result' });
  });

  it('[AC4] are withdrawn when the caller leaves', async () => {
    const { gateway } = await askingServer();
    const leaving = new AbortController();
    let state = 'none';
    const ask = (_: unknown, signal: AbortSignal) => {
      state = 'asked';
      signal.addEventListener('abort', () => (state = 'withdrawn'));
      return new Promise<never>(() => undefined);
    };
    const ended = call(gateway, { asker: { capabilities: ELICITATION, ask }, signal: leaving.signal });
    await until('it is asked', () => state === 'asked');
    leaving.abort();
    expect(await ended).toMatchObject({ kind: 'unknown' });
    expect(state).toBe('withdrawn');
  });

  it('[AC4] beyond 50 in one call are refused', async () => {
    const server: RawMcpServer = closing(
      await RawMcpServer.start({
        on: {
          'tools/call': (exchange: Exchange) => {
            let sent = 0;
            const next = () => exchange.event({ jsonrpc: '2.0', id: ++sent, method: 'elicitation/create', params: FORM });
            exchange.stream();
            next();
            server.on['response'] = (reply) => {
              reply.send(202);
              if (sent < 60) return next();
              exchange.event(exchange.answer());
              exchange.response.end();
            };
          },
        },
      }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    const { asked, asker: own } = asker();
    expect(await call(gateway, { asker: own })).toMatchObject({ kind: 'result' });
    expect(asked).toHaveLength(50);
  });

  it('[AC4] of a real server over stdio go to the only call in flight', async () => {
    const gateway = closing(await startGatewayHere({}, [stdioUpstream(packaged('server-everything'), ['stdio'])]));
    await untilPublished(gateway, 'trigger-elicitation-request');
    const { asked, asker: own } = asker({ action: 'accept', content: { name: 'Ada' } });
    const outcome = await call(gateway, { name: 'trigger-elicitation-request', asker: own });
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(outcome)).toContain('Ada');
    const other = asker();
    let isUnderWay = false;
    const two = call(gateway, {
      name: 'trigger-long-running-operation',
      args: { text: '{"duration":3,"steps":6}', value: { duration: 3, steps: 6 } } as never,
      onProgress: () => (isUnderWay = true),
    });
    await until('another is in flight', () => isUnderWay);
    const foreign = await call(gateway, { name: 'trigger-elicitation-request', asker: other.asker });
    expect([other.asked.length, JSON.stringify(foreign)]).toEqual([0, expect.stringContaining('only to whoever made the call')]);
    expect(await two).toMatchObject({ kind: 'result' });
  });

  it.each([['stdio'], ['http']])('[AC4] of a server of the newest generation over %s are asked in rounds', async (kind) => {
    const server =
      kind === 'stdio' ? undefined : closing(await startNode('test/support/servers/sdk-v2.mjs', { args: ['--asking', '--modern-only'] }));
    const upstream = server
      ? httpUpstream(server.url)
      : stdioUpstream(path.join(ROOT, 'test/support/servers/sdk-v2.mjs'), ['--stdio', '--asking', '--modern-only']);
    const gateway = closing(await startGatewayHere({}, [upstream]));
    await untilPublished(gateway, 'ask');
    const { asked, asker: own } = asker();
    const outcome = await call(gateway, { name: 'ask', asker: own });
    expect(outcome).toMatchObject({ kind: 'result', result: { value: { content: [{ text: '["Monday","Monday"]' }] } } });
    expect(asked).toHaveLength(2);
    const endless = asker();
    expect(await call(gateway, { name: 'ask-on', asker: endless.asker })).toMatchObject({ kind: 'tool_error' });
    expect(endless.asked).toHaveLength(10);
    expect(await callTool(gateway, 'ask')).toMatchObject({
      status: 422,
      body: errorOf({ type: 'tool_error', message: NOT_ASKED('ask') }),
    });
  });
});
