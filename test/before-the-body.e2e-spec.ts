import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { CallSlots } from '../src/throttler/call-slots.js';
import { closesAfterEach } from './support/ends.js';
import { ID, post } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const TOOL = '/v1/tools/work';
const ANN = 'Authorization: Bearer key-of-ann\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const NO_JSON = 'Content-Type: text/plain\r\n';
/** Of a body that never comes. */
const LENGTH = 'Content-Length: 1000\r\n';
const TOO_LARGE = `Content-Length: ${1024 * 1024 + 1}\r\n`;

describe('[S1][S4][P1][P3] what a call is asked before its body is read', () => {
  const closing = closesAfterEach();
  const folder = temporaryFolder();
  let gateway: GatewayHere;

  /** A gateway that takes two calls a minute of Ann. */
  const serve = async (environment: Readonly<Record<string, string>> = {}) => {
    const file = path.join(folder(), 'keys.json');
    writeFileSync(file, JSON.stringify([{ name: 'ann', key: 'key-of-ann', rateLimit: 2 }]));
    const server = closing(await RawMcpServer.start());
    gateway = closing(await startGatewayHere({ API_KEYS_FILE: file, ...environment }, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
  };
  /** Sends a head, and gives what comes for it. */
  const send = (...headers: readonly string[]) => {
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    closing({ close: () => Promise.resolve(socket.destroy()) });
    const came: string[] = [];
    socket.on('data', (chunk: Buffer) => came.push(chunk.toString()));
    socket.write(`POST ${TOOL} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Correlation-Id: ${ID}\r\n${headers.join('')}\r\n`);
    return { socket, came };
  };
  const statusOf = async (...headers: readonly string[]) => {
    const { came } = send(...headers);
    const answer = await until('the answer', () => came.join('').includes('\r\n\r\n{"error"') && came.join(''));
    return Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
  };
  const call = () => post(gateway.url, TOOL, {}, { authorization: 'Bearer key-of-ann' });
  const left = async () => (await call()).limits['x-ratelimit-remaining'];

  it.each([
    ['a key', 401, [JSON_TYPE, LENGTH]],
    ['a key that is right', 401, ['Authorization: Bearer key-of-bob\r\n', JSON_TYPE, LENGTH]],
    ['a size that is taken', 413, [ANN, JSON_TYPE, TOO_LARGE]],
    ['a form that is taken', 415, [ANN, NO_JSON, LENGTH]],
    ['no compression', 415, [ANN, JSON_TYPE, 'Content-Encoding: gzip\r\n', LENGTH]],
  ])('is %s, else it is answered %i and has spent nothing', async (_, status, headers) => {
    await serve();
    expect(await statusOf(...headers)).toBe(status);
    expect(await left()).toBe('1');
  });

  it('is one of its limits that is left', async () => {
    await serve();
    for (const expected of ['1', '0']) expect(await left()).toBe(expected);
    expect(await statusOf(ANN, JSON_TYPE, LENGTH)).toBe(429);
  });

  it('is a place that is free', async () => {
    await serve({ MAX_CONNECTIONS: '1', RESERVED_CONNECTIONS: '0' });
    const { socket, came } = send(ANN, JSON_TYPE, LENGTH);
    const slots = gateway.app.get(CallSlots, { strict: false });
    // It has its place, and one of its limits is spent, while its body comes.
    await until('it has its place', () => {
      const free = slots.take('somebody');
      free?.release();
      return !free;
    });
    expect(await statusOf(ANN, JSON_TYPE, LENGTH)).toBe(503);
    expect(came).toEqual([]);
    // The gateway's end does not wait for it.
    expect(slots.inFlight).toBe(0);
    socket.destroy();
    const { status, limits } = await until('the place is free again', async () => {
      const answer = await call();
      return answer.status !== 503 && answer;
    });
    expect([status, limits['x-ratelimit-remaining']]).toEqual([200, '0']);
  });

  it('is asked in that order: who it is, its form, its place, its limits', async () => {
    await serve({ MAX_CONNECTIONS: '1', RESERVED_CONNECTIONS: '0' });
    for (const expected of ['1', '0']) expect(await left()).toBe(expected);
    expect(await statusOf(NO_JSON, LENGTH)).toBe(401);
    expect(await statusOf(ANN, NO_JSON, LENGTH)).toBe(415);
    expect(await statusOf(ANN, JSON_TYPE, LENGTH)).toBe(429);
    // The one place is taken by hand: a call of Ann's would need one of her limits.
    const slot = gateway.app.get(CallSlots, { strict: false }).take('somebody');
    expect(await statusOf(ANN, NO_JSON, LENGTH)).toBe(415);
    expect(await statusOf(ANN, JSON_TYPE, LENGTH)).toBe(503);
    slot?.release();
    expect(await statusOf(ANN, JSON_TYPE, LENGTH)).toBe(429);
  });
});
