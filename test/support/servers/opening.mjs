import { createServer } from 'node:http';

/**
 * A process that opens servers as it is told, each as new as if it had a process of its own: POST /?name=value has one opened by these
 * settings, by `open(url, settings)`, which gives what handles its requests, and answers its address; DELETE /?url=... ends it and its connections.
 */
export async function serveOpening(open) {
  const opened = new Map();
  const control = createServer((request, response) => {
    const settings = Object.fromEntries(new URL(request.url, 'http://control').searchParams);
    void (request.method === 'POST' ? openOne(settings) : end(settings.url)).then((text) => response.end(text));
  });

  async function openOne(settings) {
    let handle;
    const server = createServer((request, response) => handle(request, response));
    const url = await listening(server);
    handle = open(url, settings);
    opened.set(url, server);
    return url;
  }

  async function end(url) {
    const server = opened.get(url);
    opened.delete(url);
    server?.close();
    server?.closeAllConnections();
    return 'ended';
  }

  console.log(JSON.stringify({ msg: 'listening', url: await listening(control) }));
}

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}
