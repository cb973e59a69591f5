import http from 'node:http';
import { complete, openAiError, readStream, reasonsOf, USER, wordsOf } from './support/chat/chat.ts';
import { closesAfterEach } from './support/ends.ts';
import { startGateway } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { ScriptedModel } from './support/chat/scripted-model.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();

/** A gateway whose calls may take a second; a completion of it is being streamed. */
async function startStreaming(environment: Record<string, string> = {}) {
  const [model, server] = [closing(await ScriptedModel.start()), closing(await RawMcpServer.start())];
  const times = { MAX_CALL_DURATION: '1', REQUEST_TIMEOUT: '1' };
  const env = { OPENAI_API_BASE_URL: model.url, MCP_SERVER_URL: server.url, ...times, ...environment };
  const gateway = closing(await startGateway({ env }));
  model.script = (exchange) => exchange.chunk({ role: 'assistant', content: 'One, ' });
  let text = '';
  const sent = http.request(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  sent.on('response', (response) => response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined));
  sent.on('error', () => undefined).end(JSON.stringify({ model: 'small', messages: USER, stream: true }));
  await until('it has begun', () => text.includes('One'));
  const logged = (msg: string) =>
    gateway.stdout.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['msg'] === msg);
  return { model, gateway, read: () => readStream(text), logged };
}

const STOPPING = openAiError(
  'The gateway is stopping, and does not wait for this answer any longer (DRAIN_TIMEOUT). Ask again.',
  'server_error',
  'shutting_down',
);

describe('[EP1][P4] the end of the gateway', () => {
  it('waits for completions that are being made, longer than for any call, also while a model thinks and no tool runs', async () => {
    const { model, gateway, read, logged } = await startStreaming();
    const exit = gateway.stop();
    await until('it stops', () => logged('stopping').length === 1);
    expect(logged('stopping')).toMatchObject([{ calls_in_flight: 0, chats_in_flight: 1 }]);
    // Longer than calls, and requests that have not come whole, are waited for.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    model.exchanges[0]?.chunk({ content: 'two.' });
    model.exchanges[0]?.end('stop');
    expect(await exit).toBe(0);
    expect([wordsOf(read()), reasonsOf(read()), read().isDone]).toEqual(['One, two.', ['stop'], true]);
  });

  it('waits for them no longer than CHAT_TIMEOUT lets them go on, nor than DRAIN_TIMEOUT', async () => {
    const [bounded, cut] = [await startStreaming({ CHAT_TIMEOUT: '3' }), await startStreaming({ DRAIN_TIMEOUT: '1' })];
    expect([await bounded.gateway.stop(), await cut.gateway.stop()]).toEqual([0, 0]);
    expect([reasonsOf(bounded.read()), bounded.read().isDone, cut.read().isDone]).toEqual([['length'], true, true]);
    expect([wordsOf(cut.read()), reasonsOf(cut.read()), cut.read().events.at(-1)]).toEqual(['One, ', [], STOPPING]);
    expect(cut.logged('calls are cut: DRAIN_TIMEOUT is over')).toMatchObject([{ calls_in_flight: 0, chats_in_flight: 1 }]);
    expect(bounded.logged('calls are cut: DRAIN_TIMEOUT is over')).toEqual([]);
  });

  it('tells those that it waits for no longer, whole or streamed, why there is no more', async () => {
    const { model, gateway, read } = await startStreaming({ DRAIN_TIMEOUT: '1' });
    const whole = complete(gateway.url);
    await until('both are asked', () => model.exchanges.length === 2);
    expect(await gateway.stop()).toBe(0);
    const { status, text, headers } = await whole;
    expect([status, JSON.parse(text), headers['retry-after']]).toEqual([503, STOPPING, '5']);
    expect([read().events.at(-1), read().isDone]).toEqual([STOPPING, true]);
    await until('the model is left', () => model.exchanges.every(({ isLeft }) => isLeft));
  });
});
