import http from 'node:http';
import { readStream, reasonsOf, USER, wordsOf } from './support/chat.ts';
import { closesAfterEach } from './support/ends.ts';
import { startGateway } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { ScriptedModel } from './support/scripted-model.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();

describe('[EP1][P4] the end of the gateway', () => {
  it('waits for completions that are being made, also while a model thinks and no tool runs', async () => {
    const [model, server] = [closing(await ScriptedModel.start()), closing(await RawMcpServer.start())];
    const gateway = closing(await startGateway({ env: { OPENAI_API_BASE_URL: model.url, MCP_SERVER_URL: server.url } }));
    model.script = (exchange) => exchange.chunk({ role: 'assistant', content: 'One, ' });
    let text = '';
    const sent = http.request(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    sent.on('response', (response) => response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined));
    sent.on('error', () => undefined).end(JSON.stringify({ model: 'small', messages: USER, stream: true }));
    await until('it has begun', () => text.includes('One'));
    const exit = gateway.stop();
    await until('it stops', () => gateway.stdout.some((line) => line.includes('"msg":"stopping"')));
    // Longer than requests that have not come whole are waited for.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    model.exchanges[0]?.chunk({ content: 'two.' });
    model.exchanges[0]?.end('stop');
    expect(await exit).toBe(0);
    const read = readStream(text);
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual(['One, two.', ['stop'], true]);
  });
});
