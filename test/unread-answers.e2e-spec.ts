import net from 'node:net';
import { closesAfterEach } from './support/ends.ts';
import { post } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { drill } from './support/long-drills.ts';
import { peakMb } from './support/process/peak-memory.ts';
import { type RunningProcess, startGateway } from './support/processes.ts';
import { type Exchange, RawMcpServer, smallOr, textResult } from './support/raw-mcp-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const MEBIBYTE = 1024 * 1024;
/** More than the buffers of a connection between two sockets of one machine hold. */
const LARGE = 'x'.repeat(8 * MEBIBYTE);
/** Answers of 8 MiB: of all of them together more than the gateway may take. */
const MANY = drill(60, 100);
const KEYS = 'me:key-of-somebody,you:key-of-another-one';

/** A caller that sends a call and reads nothing of its answer until it is told to. */
class Reader {
  received = 0;
  readonly closed: Promise<void>;
  private readonly socket: net.Socket;

  constructor({ url }: { readonly url: string }, id: string, key = 'key-of-somebody') {
    this.socket = net.connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    const head = ['POST /v1/tools/work HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${key}`, `X-Correlation-Id: ${id}`];
    this.socket.write([...head, 'Content-Type: application/json', 'Content-Length: 2', '', '{}'].join('\r\n'));
    this.socket.pause();
  }

  /** Takes what has come, and nothing more until the next time. */
  sip(): void {
    this.received += (this.socket.read() as Buffer | null)?.length ?? 0;
  }

  readAll(): void {
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.length)).resume();
  }

  /** Sends a byte that asks for nothing. */
  poke(): void {
    this.socket.write('\r\n');
  }

  close(): Promise<unknown> {
    return Promise.resolve(this.socket.destroy());
  }
}

interface LogLine {
  readonly msg: string;
  readonly correlation_id?: string;
  readonly status?: number;
  readonly error?: string;
}

const linesOf = ({ stdout }: RunningProcess, id: string) =>
  stdout.map((line) => JSON.parse(line) as LogLine).filter(({ msg, correlation_id }) => msg === 'request' && correlation_id === id);

describe('an answer that its reader does not take', () => {
  const closing = closesAfterEach();
  let calls: number;

  const answer = smallOr((exchange) => exchange.result(textResult(LARGE)));
  const serve = async () => {
    calls = 0;
    const on = {
      'tools/call': (exchange: Exchange) => {
        calls += 1;
        answer(exchange);
      },
    };
    return closing(await RawMcpServer.start({ on }));
  };
  const here = async (environment: Readonly<Record<string, string>>): Promise<GatewayHere> => {
    const server = await serve();
    const gateway = closing(await startGatewayHere({ API_KEYS: KEYS, ...environment }, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    return gateway;
  };
  const process_ = async (environment: Readonly<Record<string, string>>): Promise<RunningProcess> => {
    const server = await serve();
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url, API_KEYS: KEYS, ...environment } }));
    await untilPublished(gateway, 'work');
    return gateway;
  };
  const reader = (gateway: { readonly url: string }, id: string) => closing(new Reader(gateway, id));
  const another = (gateway: { readonly url: string }) =>
    post(gateway.url, '/v1/tools/work', { small: true }, { authorization: 'Bearer key-of-another-one' });

  it('[P1][P4] holds no place: others are served while it waits', async () => {
    const gateway = await here({ MAX_CONNECTIONS: '2', RESERVED_CONNECTIONS: '0' });
    const readers = [reader(gateway, 'first'), reader(gateway, 'second'), reader(gateway, 'third')];
    expect(readers).toHaveLength(3);
    await until('the server has the calls', () => calls >= 2);
    await until('another is served', async () => (await another(gateway)).status === 200);
  });

  it('[P4] is cut when nothing of it is taken for WRITE_TIMEOUT, whatever its caller sends meanwhile; one that is taken slowly is not', async () => {
    const gateway = await process_({ WRITE_TIMEOUT: '2' });
    const [stalled, slow] = [reader(gateway, 'stalled'), reader(gateway, 'slow')];
    await until('the server has the calls', () => calls === 2);
    const sips = setInterval(() => slow.sip(), 100);
    const pokes = setInterval(() => stalled.poke(), 200);
    try {
      await until('the stalled one is cut', () => linesOf(gateway, 'stalled').length === 1);
    } finally {
      clearInterval(pokes);
      clearInterval(sips);
    }
    expect(linesOf(gateway, 'stalled')).toEqual([expect.objectContaining({ status: 499, error: 'answer_not_read' })]);
    stalled.readAll();
    await stalled.closed;
    slow.readAll();
    await until('the slow one has it whole', () => slow.received > LARGE.length);
    await until('it is logged', () => linesOf(gateway, 'slow').length === 1);
    expect(linesOf(gateway, 'slow')).toEqual([expect.objectContaining({ status: 200 })]);
  });

  it('[P4] is not cut while little of it is taken at a time, less than a socket shows', async () => {
    const gateway = await process_({ WRITE_TIMEOUT: '4' });
    const slow = reader(gateway, 'slow');
    await until('the server has the call', () => calls === 1);
    const sips = setInterval(() => slow.sip(), 500);
    await until('it has taken much longer than WRITE_TIMEOUT', () => slow.received > 1_500_000).finally(() => clearInterval(sips));
    expect(linesOf(gateway, 'slow')).toEqual([]);
    slow.readAll();
    await until('it has it whole', () => slow.received > LARGE.length);
  }, 40_000);

  it('[P5] counts into MAX_UNREAD_BYTES of all: beyond it the one that has stalled longest is cut', async () => {
    const gateway = await process_({ MAX_UNREAD_BYTES: `${12 * MEBIBYTE}` });
    reader(gateway, 'first');
    await until('the first has its answer', () => calls === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const second = reader(gateway, 'second');
    await until('the first is cut', () => linesOf(gateway, 'first').length === 1);
    expect(linesOf(gateway, 'first')).toEqual([expect.objectContaining({ status: 499, error: 'answer_not_read' })]);
    second.readAll();
    await until('the second has it whole', () => second.received > LARGE.length);
  });

  it('[P4] is whole after SIGTERM, while it is taken', async () => {
    const gateway = await process_({});
    const slow = reader(gateway, 'slow');
    await until('the server has the call', () => calls === 1);
    const sips = setInterval(() => slow.sip(), 20);
    await until('it is read', () => slow.received > 0);
    const stopped = gateway.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    clearInterval(sips);
    slow.readAll();
    expect(await stopped).toBe(0);
    expect(slow.received).toBeGreaterThan(LARGE.length);
    expect(linesOf(gateway, 'slow')).toEqual([expect.objectContaining({ status: 200 })]);
  });

  it('[P4] keeps the gateway no longer than WRITE_TIMEOUT after SIGTERM', async () => {
    const gateway = await process_({ WRITE_TIMEOUT: '2' });
    reader(gateway, 'stalled');
    await until('the server has the call', () => calls === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await gateway.stop()).toBe(0);
    expect(linesOf(gateway, 'stalled')).toEqual([expect.objectContaining({ status: 499, error: 'answer_not_read' })]);
  });

  it('[P5] costs the gateway little memory, a lot of them, and nothing when they are gone', async () => {
    const gateway = await process_({ MAX_UNREAD_BYTES: `${32 * MEBIBYTE}` });
    const readers: Reader[] = [];
    for (let call = 0; call < MANY; call += 10) {
      for (let one = 0; one < 10; one += 1) readers.push(reader(gateway, `r${call + one}`));
      await until('the server has the calls', () => calls === call + 10);
    }
    await until('another is served', async () => (await another(gateway)).status === 200);
    expect(peakMb(gateway.pid)).toBeLessThan(512);
    for (const one of readers) await one.close();
    // The end waits for answers that are yet to be read.
    expect(await gateway.stop()).toBe(0);
    expect((await Promise.all(readers.map(({ closed }) => closed))).length).toBe(MANY);
  }, 60_000);
});
