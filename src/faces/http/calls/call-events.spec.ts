import http, { type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { newContext } from '../../../correlation/request-context.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import { writeAnswer } from '../../../http/write-answer.js';
import { CallEvents } from './call-events.js';

const MEBIBYTE = 1024 * 1024;

/** A server whose one answer are the events that a test tells, and its reader, who takes nothing until told. */
async function start() {
  const server = http.createServer();
  const answering = new Promise<ServerResponse>((resolve) => server.once('request', (_, response) => resolve(response)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  socket.pause();
  const response = await answering;
  const request = Object.assign(response.req, { res: response, context: newContext('id', '') }) as unknown as CorrelatedRequest;
  const events = new CallEvents(request);
  const readAll = async () => {
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk as string;
    return text;
  };
  const close = async () => {
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { events, response, readAll, close };
}

describe('[AC4][P4] events whose reader takes nothing', () => {
  it('do not pile up: of progress the latest is kept, and told when there is room, or before the end', async () => {
    const { events, response, readAll, close } = await start();
    const message = 'x'.repeat(1_000);
    for (let progress = 1; progress <= 20_000; progress++) events.report({ progress, message });
    expect(response.writableLength).toBeLessThan(MEBIBYTE);
    writeAnswer(response, 200, events.result({ contentType: 'application/json', body: '"done"' }));
    const text = await readAll();
    expect(text.length).toBeLessThan(8 * MEBIBYTE);
    const told = [...text.matchAll(/"progress":(\d+)/g)].map(([, progress]) => Number(progress));
    expect(told.slice(0, 3)).toEqual([1, 2, 3]);
    expect(told.at(-1)).toBe(20_000);
    expect(text).toContain('event: result\ndata: {"status":200,"result":"done"}\n\n');
    await close();
  });

  it('are told on when it takes them', async () => {
    const { events, response, readAll, close } = await start();
    for (let progress = 1; !response.writableNeedDrain; progress++) events.report({ progress, message: 'x'.repeat(1_000) });
    events.report({ progress: 77_777 });
    const drained = new Promise((resolve) => response.once('drain', resolve));
    const all = readAll();
    await drained;
    expect(response.writableEnded).toBe(false);
    response.end();
    expect(await all).toContain('event: progress\ndata: {"progress":77777}\n\n');
    await close();
  });

  it('are none once it is gone', async () => {
    const { events, response, close } = await start();
    events.report({ progress: 1 });
    const closed = new Promise((resolve) => response.once('close', resolve));
    await close();
    await closed;
    events.report({ progress: 2 });
    writeAnswer(response, 200, events.error(500, { type: 'internal_error', message: 'x' }));
    expect(response.destroyed).toBe(true);
  });
});
