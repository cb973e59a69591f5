import net from 'node:net';
import { MAX_BODY_MEMORY_BYTES } from '../src/http/body/partial-body.ts';
import { drained } from './support/network/pour.ts';
import { closesAfterEach } from './support/ends.ts';
import { get, ID, post } from './support/exchange.ts';
import { type RunningProcess, startGateway } from './support/processes.ts';
import { until } from './support/until.ts';

const MEBIBYTE = 1024 * 1024;
const TOOL = '/v1/tools/list_plans';
const KEY = 'key-of-open-webui';
/** So many bodies of a mebibyte fit. */
const ROOM = MAX_BODY_MEMORY_BYTES / MEBIBYTE;
const BEYOND = 20;
const KNOWN = `Authorization: Bearer ${KEY}\r\n`;

describe('[P4][P5] callers that begin to send large bodies and do not end', () => {
  const closing = closesAfterEach();
  let gateway: RunningProcess;
  let callers: Caller[];

  const start = async () => {
    callers = [];
    gateway = closing(await startGateway({ env: { API_KEYS: KEY } }));
    // Nothing is open any more when the gateway is to stop.
    closing({ stop: async () => callers.forEach((caller) => caller.socket.destroy()) });
    await until('the planner is listed', async () => (await get(gateway.url, '/ready')).status === 200);
  };
  /** So many callers that have sent all of their mebibyte but its end. */
  const send = async (count: number, authorization = '') => {
    const more = Array.from({ length: count }, () => new Caller(gateway, authorization));
    callers.push(...more);
    await Promise.all(more.map((caller) => caller.send(Buffer.alloc(MEBIBYTE - 2, ' '))));
    return more;
  };

  it('[E3] are answered 401 before their bodies are read where they have no key', async () => {
    await start();
    const strangers = [...(await send(2)), ...(await send(2, 'Authorization: Bearer wrong-key\r\n'))];
    await until('all are answered', () => strangers.every(({ answer }) => answer.includes('\r\n\r\n{"error"')));
    expect(new Set(strangers.map(({ answer }) => answer.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 401']));
  }, 60_000);

  it('hold a bounded part of its memory; more are answered 503, health and small calls are answered, and so is everybody in the end', async () => {
    await start();
    const all = await send(ROOM + BEYOND, KNOWN);
    const refused = () => all.filter(({ socket }) => socket.destroyed);
    await until('those beyond are answered', () => refused().length >= BEYOND);
    // Whoever was still sending may have been cut off before it read this.
    const [head, body] = refused()
      .map(({ answer }) => answer.split('\r\n\r\n'))
      .find(([, end]) => end) as [string, string];
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(head).toMatch(/\r\nRetry-After: 1\r\n/i);
    expect(head).toMatch(/\r\nConnection: close\r\n/i);
    expect(body).toBe(
      `{"error":{"type":"overloaded","message":"Service temporarily unavailable: the gateway is reading as many bodies as it has memory for; the tool did not run.","details":{"reason":"The gateway is reading as many bodies as it has memory for; the tool did not run."},"correlation_id":"${ID}","retry_after":1}}`,
    );
    expect((await get(gateway.url, '/health')).status).toBe(200);
    expect((await post(gateway.url, TOOL, {}, { authorization: `Bearer ${KEY}` })).status).toBe(200);
    await Promise.all(all.map((caller) => caller.send(Buffer.from('[]'))));
    await until('the others are answered', () => all.every(({ answer, socket }) => answer !== '' || socket.destroyed));
    expect(all.filter(({ answer }) => answer.startsWith('HTTP/1.1 400')).length).toBeGreaterThan(ROOM / 2);
  }, 120_000);
});

/** Sends a mebibyte that is an array in the end, which no tool takes: what is read whole is answered 400, and no server has to read it. */
class Caller {
  readonly socket: net.Socket;
  /** What came until now. */
  answer = '';

  constructor({ url }: RunningProcess, authorization: string) {
    const { hostname, port } = new URL(url);
    this.socket = net.connect(Number(port), hostname).on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => (this.answer += chunk.toString()));
    this.socket.write(
      `POST ${TOOL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Correlation-Id: ${ID}\r\n` +
        `${authorization}Content-Length: ${MEBIBYTE}\r\n\r\n`,
    );
  }

  /** Resolves when it is sent, or nobody reads any more. */
  async send(bytes: Buffer): Promise<void> {
    const { socket } = this;
    if (socket.destroyed || socket.write(bytes)) return;
    await drained(socket);
  }
}
