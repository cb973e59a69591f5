/**
 * The floor: the least that a gateway on Node can do. node:http in front, undici's dispatch behind, no parsing either way:
 * the body becomes the arguments of a tools/call by concatenation, the upstream's answer goes back as it is.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { headers, pool } from './floor-upstream.ts';
import { listen } from './listen.ts';

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${text}}}`;
    pool.dispatch({ path: '/mcp', method: 'POST', headers, body }, new Passage(response));
  });
});
listen(server);

/** Hands status, content type and bytes of the upstream's answer to the caller as they come. */
class Passage implements Dispatcher.DispatchHandler {
  private readonly response: ServerResponse;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    upstream: Record<string, string | string[] | undefined>,
  ): void {
    const passed: Record<string, string | string[]> = {};
    if (upstream['content-type']) passed['Content-Type'] = upstream['content-type'];
    if (upstream['content-length']) passed['Content-Length'] = upstream['content-length'];
    this.response.writeHead(status, passed);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.response.write(chunk);
  }

  onResponseEnd(): void {
    this.response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.response.headersSent) this.response.destroy(error);
    else this.response.writeHead(502).end();
  }
}
