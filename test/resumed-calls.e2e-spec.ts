import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, type RawServerOptions, textResult } from './support/raw-mcp-server.js';
import { callTool, untilPublished } from './support/tool-requests.js';

const closing = closesAfterEach();

/** A server whose calls send `first` and leave off, and which goes on with them at a GET that names the last event. */
async function leavingOff(
  first: (exchange: Exchange) => unknown,
  goOn: (get: Exchange, call: Exchange) => unknown,
  more: RawServerOptions = {},
) {
  let call: Exchange | undefined;
  const on = {
    'tools/call': (exchange: Exchange) => {
      call = exchange;
      exchange.response.writeHead(200, { 'content-type': 'text/event-stream' });
      return first(exchange);
    },
    GET: (exchange: Exchange) => {
      if (exchange.headers['last-event-id'] === undefined || !call) return exchange.send(405);
      return goOn(exchange, call);
    },
  };
  const server = closing(await RawMcpServer.start({ on, ...more }));
  const upstream = httpUpstream(server.url, { protocol: 'legacy', requestTimeoutMs: 3_000 });
  const gateway = closing(await startGatewayHere({}, [upstream]));
  await untilPublished(gateway, 'work');
  const resumed = () => server.received('GET').filter(({ headers }) => headers['last-event-id'] !== undefined);
  return { server, gateway, resumed };
}

const RESUMED = textResult('resumed');
const answered = (get: Exchange, call: Exchange) => {
  get.response.writeHead(200, { 'content-type': 'text/event-stream' });
  get.response.end(`id: e2\ndata: ${JSON.stringify(call.answer(RESUMED))}\n\n`);
};
const primed = ({ response }: Exchange) => response.end('id: e1\nretry: 50\ndata: \n\n');
const GOOD = { status: 200, body: 'resumed' };
const UNKNOWN = { status: 502, body: { error: { type: 'outcome_unknown' } } };

describe('[AC3][E2] a call whose stream ends before the answer, after an event with an id', () => {
  it('is gone on with by GET with Last-Event-ID, on the same session, and sent once', async () => {
    const { server, gateway, resumed } = await leavingOff(primed, answered);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
    const [call] = server.received('tools/call');
    expect(server.received('tools/call')).toHaveLength(1);
    expect(resumed().map(({ headers, sessionId }) => [headers['last-event-id'], headers.accept, sessionId])).toEqual([
      ['e1', 'text/event-stream', call?.sessionId],
    ]);
    expect(resumed()[0]?.headers['mcp-protocol-version']).toBe('2025-11-25');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(resumed()).toHaveLength(1);
  });

  it('is gone on with behind an id in any script, which is sent in UTF-8', async () => {
    const { gateway, resumed } = await leavingOff(({ response }) => response.end('id: größe €🚀\nretry: 50\ndata: \n\n'), answered);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
    expect(resumed().map(({ headers }) => Buffer.from(headers['last-event-id'] as string, 'latin1').toString())).toEqual(['größe €🚀']);
  });

  it('waits as long as `retry` says', async () => {
    let endedAt = 0;
    let askedAt = 0;
    const first = ({ response }: Exchange) => {
      endedAt = performance.now();
      response.end('id: e1\nretry: 700\ndata: \n\n');
    };
    const { gateway } = await leavingOff(first, (get, call) => {
      askedAt = performance.now();
      answered(get, call);
    });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
    expect(askedAt - endedAt).toBeGreaterThan(650);
  });

  it('where the id stands in an event without data', async () => {
    const { gateway } = await leavingOff(({ response }) => response.end('id: e1\nretry: 50\n\n'), answered);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
  });

  it('also where the stream broke', async () => {
    const first = ({ response }: Exchange) =>
      response.write('id: e1\nretry: 50\ndata: \n\n', () => setTimeout(() => response.socket?.resetAndDestroy(), 50));
    const { gateway, server } = await leavingOff(first, answered);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
    expect(server.received('tools/call')).toHaveLength(1);
  });

  it('also where it broke amid an event', async () => {
    const first = ({ response }: Exchange) =>
      response.write('id: e1\nretry: 50\ndata: \n\nid: e2\ndata: {"half', () => setTimeout(() => response.socket?.resetAndDestroy(), 50));
    const { gateway, resumed } = await leavingOff(first, answered);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
    expect(resumed().map(({ headers }) => headers['last-event-id'])).toEqual(['e1']);
  });

  it('also on a server without sessions', async () => {
    const { gateway } = await leavingOff(primed, answered, { sessions: false });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
  });

  it('as often as the server leaves off, each time from the last id', async () => {
    const { gateway, resumed } = await leavingOff(primed, (get, call) => {
      const count = resumed().length;
      if (count === 4) return answered(get, call);
      get.response.writeHead(200, { 'content-type': 'text/event-stream' });
      return get.response.end(`id: again-${count}\ndata: \n\n`);
    });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
    expect(resumed().map(({ headers }) => headers['last-event-id'])).toEqual(['e1', 'again-1', 'again-2', 'again-3']);
  });

  it('with progress that comes on the stream that goes on', async () => {
    const { gateway } = await leavingOff(primed, (get, call) => {
      get.response.writeHead(200, { 'content-type': 'text/event-stream' });
      let progress = 0;
      const step = () => {
        progress += 1;
        if (progress === 5) return void get.response.end(`data: ${JSON.stringify(call.answer(RESUMED))}\n\n`);
        get.response.write(`id: p${progress}\ndata: ${JSON.stringify(call.progress(progress))}\n\n`);
        setTimeout(step, 800);
      };
      step();
    });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
  });

  it('is over at its deadline, and the server is told', async () => {
    const { gateway, server } = await leavingOff(primed, (get) => {
      get.response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: \n\n');
    });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 504, body: { error: { type: 'upstream_timeout' } } });
    const asked = server.received('GET').length;
    expect(asked).toBeLessThan(20);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(server.received('GET')).toHaveLength(asked);
    expect(server.received('notifications/cancelled')).toHaveLength(1);
  });

  it('is not gone on with when its caller has left', async () => {
    const { gateway, resumed, server } = await leavingOff(({ response }) => response.end('id: e1\nretry: 1000\ndata: \n\n'), answered);
    const leaving = new AbortController();
    const call = callTool(gateway, 'work', {}, { signal: leaving.signal }).catch((error: Error) => error.name);
    await new Promise((resolve) => setTimeout(resolve, 400));
    leaving.abort();
    await expect(call).resolves.toBe('AbortError');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(resumed()).toEqual([]);
    expect(server.received('notifications/cancelled')).toHaveLength(1);
  });

  it.each([404, 405])('is of unknown outcome where the server answers the GET with %i, once', async (status) => {
    const { gateway, resumed, server } = await leavingOff(primed, (get) => get.send(status));
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(UNKNOWN);
    expect([resumed().length, server.received('tools/call').length]).toEqual([1, 1]);
  });

  it('is gone on with after a GET that failed on the way', async () => {
    const { gateway, resumed } = await leavingOff(primed, (get, call) => {
      if (resumed().length > 2) return answered(get, call);
      return resumed().length === 1 ? get.response.socket?.resetAndDestroy() : get.send(503);
    });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(GOOD);
  });

  it('is of unknown outcome without an id, and nothing is asked', async () => {
    const { gateway, resumed } = await leavingOff(({ response }) => response.end('data: \n\n'), answered);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(UNKNOWN);
    expect(resumed()).toEqual([]);
  });
});

describe('[AC3] the credentials of a caller', () => {
  it('go with what goes on with that caller’s call', async () => {
    const on = {
      'tools/call': ({ response }: Exchange) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: e1\nretry: 50\ndata: \n\n'),
      GET: (exchange: Exchange): void => {
        const [call] = server.received('tools/call');
        return exchange.headers['last-event-id'] === undefined ? exchange.send(405) : answered(exchange, call as Exchange);
      },
    };
    const server: RawMcpServer = closing(await RawMcpServer.start({ on }));
    const upstream = httpUpstream(server.url, { protocol: 'legacy', requestTimeoutMs: 3_000, forwardHeaders: ['x-token'] });
    const gateway = closing(await startGatewayHere({}, [upstream]));
    await untilPublished(gateway, 'work');
    await expect(callTool(gateway, 'work', {}, { headers: { 'x-token': 'of-a-caller' } })).resolves.toMatchObject(GOOD);
    const [resumed] = server.received('GET').filter(({ headers }) => headers['last-event-id'] !== undefined);
    expect([resumed?.headers['x-token'], resumed?.sessionId]).toEqual(['of-a-caller', server.received('tools/call')[0]?.sessionId]);
  });
});
