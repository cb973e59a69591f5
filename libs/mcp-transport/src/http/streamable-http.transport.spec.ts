import type { HttpEndpoint } from './http-endpoint.js';
import { StreamableHttpTransport } from './streamable-http.transport.js';

const POST = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'];

describe('[CALL] StreamableHttpTransport.callHeaders', () => {
  /** A server that answers everything with 202 and these headers. */
  const start = (answered: Record<string, string>, own: Record<string, string> = {}) => {
    const pool = { request: async () => ({ statusCode: 202, headers: answered, body: { dump: async () => undefined } }) };
    const endpoint = { headers: own, pool, origin: 'http://server', path: '/mcp' } as unknown as HttpEndpoint;
    return new StreamableHttpTransport(endpoint, { listens: 'for calls' });
  };

  it('are those of the session as it is at the moment', async () => {
    const transport = start({ 'mcp-session-id': 's1' }, { 'x-key': 'k' });
    expect(transport.callHeaders('c1')).toEqual(['x-key', 'k', ...POST, 'x-correlation-id', 'c1']);
    await transport.send({ jsonrpc: '2.0', method: 'notifications/cancelled' });
    expect(transport.callHeaders('c1')).toEqual(['x-key', 'k', ...POST, 'x-correlation-id', 'c1']);
    await transport.send({ jsonrpc: '2.0', id: 1, method: 'initialize' }).catch(() => undefined);
    expect(transport.callHeaders('c2')).toEqual(['x-key', 'k', 'mcp-session-id', 's1', ...POST, 'x-correlation-id', 'c2']);
    transport.setProtocolVersion('2025-06-18');
    const version = ['mcp-protocol-version', '2025-06-18'];
    expect(transport.callHeaders('c3')).toEqual(['x-key', 'k', 'mcp-session-id', 's1', ...version, ...POST, 'x-correlation-id', 'c3']);
  });

  it('are no list that others share', () => {
    const transport = start({});
    transport.callHeaders('c1').push('authorization', 'Bearer secret');
    expect(transport.callHeaders('c2')).toEqual([...POST, 'x-correlation-id', 'c2']);
  });

  it('name nothing twice, whatever the settings name', () => {
    const transport = start({}, { accept: 'text/html', 'x-correlation-id': 'mine' });
    expect(transport.callHeaders('c1')).toEqual(['accept', POST[3], 'content-type', 'application/json', 'x-correlation-id', 'c1']);
  });
});
