import net from 'node:net';
import { closesAfterEach } from './support/ends.js';
import { ID } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { untilPublished } from './support/tool-requests.js';

const FOREIGN = { reason: 'bad_host' };
const ONE_HOST = 'Send one Host header, not several.';
const NO_HTTP = 'The request is not HTTP/1.1 as RFC 9112 has it. Is it sent to the right port, and https where it should be?';

describe('[E5] heads of requests that two readers could read differently', () => {
  const closing = closesAfterEach();

  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const server = closing(await RawMcpServer.start());
    const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  /** Status, Connection and body of the answer to this text, `PORT` in it replaced. */
  const answerTo = async ({ url }: GatewayHere, text: string) => {
    const { port } = new URL(url);
    const received = await new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = net.connect(Number(port), '127.0.0.1').on('error', reject);
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('close', () => resolve(Buffer.concat(chunks).toString()));
      socket.write(text.replaceAll('PORT', port));
    });
    const [head = '', body = ''] = received.split('\r\n\r\n');
    const [, status] = /^HTTP\/1\.1 (\d+) /.exec(head) ?? [];
    return { status: Number(status), closes: /^connection: close$/im.test(head), body };
  };
  const closes = `Connection: close\r\nX-Correlation-Id: ${ID}`;
  const call = (target: string, ...headers: readonly string[]) =>
    [`POST ${target} HTTP/1.1`, ...headers, closes, 'Content-Type: application/json', 'Content-Length: 2', '', '{}'].join('\r\n');
  const read = (target: string, ...headers: readonly string[]) => [`GET ${target} HTTP/1.1`, ...headers, closes, '', ''].join('\r\n');
  const refused = (status: number, error: object) => ({
    status,
    closes: true,
    body: JSON.stringify({ error: { ...error, correlation_id: ID } }),
  });

  it.each([
    ['two that are the same', ['Host: localhost:PORT', 'Host: localhost:PORT']],
    ['a foreign one behind', ['Host: localhost:PORT', 'Host: evil.example']],
    ['a foreign one before, in other letters', ['HOST: evil.example', 'host: localhost:PORT']],
    ['three', ['Host: localhost:PORT', 'Host:', 'Host: localhost:PORT']],
  ])('of Host headers %s are answered 400, whatever is asked for, and nothing runs', async (_, hosts) => {
    const { server, gateway } = await start();
    const expected = refused(400, { type: 'validation_error', message: ONE_HOST });
    for (const text of [
      call('/v1/tools/work', ...hosts),
      read('/openapi.json', ...hosts),
      read('/health', ...hosts),
      read('/no', ...hosts),
    ])
      expect(await answerTo(gateway, text)).toEqual(expected);
    expect(server.received('tools/call')).toEqual([]);
  });

  it('of HTTP/1.1 without a Host are answered 400, whatever is asked for', async () => {
    const { server, gateway } = await start();
    for (const text of [call('/v1/tools/work'), read('/health'), read('/v1/ws', 'Connection: Upgrade', 'Upgrade: websocket')])
      expect(await answerTo(gateway, text)).toEqual(refused(400, { type: 'validation_error', message: 'Send a Host header.' }));
    expect(server.received('tools/call')).toEqual([]);
  });

  it.each(['GET /openapi.json\r\n\r\n', 'GET /health HTTP/0.9\r\n\r\n', 'GET /health\r\nHost: localhost\r\n\r\n'])(
    'without a version of HTTP/1 are answered 400: %j',
    async (text) => {
      const { gateway } = await start();
      const { status, closes, body } = await answerTo(gateway, text);
      expect([status, closes]).toEqual([400, true]);
      expect(JSON.parse(body)).toEqual({ error: { type: 'request_error', message: NO_HTTP, correlation_id: expect.any(String) } });
    },
  );

  it('of another version of HTTP are answered 400', async () => {
    const { gateway } = await start();
    const text = `GET /health HTTP/2.0\r\nHost: localhost:PORT\r\n${closes}\r\n\r\n`;
    expect(await answerTo(gateway, text)).toEqual(refused(400, { type: 'request_error', message: NO_HTTP }));
  });

  it('of HTTP/1.0 without a Host are answered', async () => {
    const { gateway } = await start();
    expect(await answerTo(gateway, `GET /health/live HTTP/1.0\r\n${closes}\r\n\r\n`)).toMatchObject({ status: 200 });
  });

  describe('[S5] a whole URL as the target is judged by its own host', () => {
    const BAD_HOST = refused(403, {
      type: 'permission_error',
      message: 'The gateway does not answer under this host name; name it in ALLOWED_HOSTS if it should.',
      details: FOREIGN,
    });

    it.each(['http://evil.example', 'http://evil.example:PORT', 'http://localhost:PORT@evil.example', 'ws://evil.example'])(
      'that of %s is foreign, whatever Host says',
      async (origin) => {
        const { server, gateway } = await start();
        expect(await answerTo(gateway, call(`${origin}/v1/tools/work`, 'Host: localhost:PORT'))).toEqual(BAD_HOST);
        expect(await answerTo(gateway, read(`${origin}/openapi.json`, 'Host: localhost:PORT'))).toEqual(BAD_HOST);
        expect(server.received('tools/call')).toEqual([]);
      },
    );

    it.each(['http://localhost:PORT', 'HTTP://LocalHost', 'http://127.0.0.1:1', 'http://[::1]:PORT'])(
      'that of %s is its own, whatever Host says',
      async (origin) => {
        const { gateway } = await start();
        expect(await answerTo(gateway, read(`${origin}/health/live`, 'Host: evil.example'))).toMatchObject({ status: 200 });
        expect(await answerTo(gateway, read(`${origin}/openapi.json`, 'Host: evil.example'))).toMatchObject({ status: 200 });
      },
    );

    it('the origin of a page is compared with it', async () => {
      const { gateway } = await start({ ALLOWED_HOSTS: '*' });
      const from = (origin: string) => call('http://gate.example/v1/tools/work', 'Host: evil.example', `Origin: ${origin}`);
      expect(await answerTo(gateway, from('http://gate.example'))).toMatchObject({ status: 200 });
      expect(await answerTo(gateway, from('http://evil.example'))).toMatchObject({ status: 403 });
    });
  });

  it('of clients that expect something unknown are served as if they did not, in the one error shape where they are refused', async () => {
    const { gateway } = await start();
    const expecting = ['Host: localhost:PORT', 'Expect: banana'];
    expect(await answerTo(gateway, call('/v1/tools/work', ...expecting))).toEqual({ status: 200, closes: true, body: '"done"' });
    const message = 'There is nothing at GET /no. The tools are described at /openapi.json.';
    expect(await answerTo(gateway, read('/no', ...expecting))).toEqual(refused(404, { type: 'not_found', message }));
  });
});
