import { readFileSync } from 'node:fs';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { callTool, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const CERTIFICATE = readFileSync('test/data/tls/server.crt', 'utf8');
const TLS = { key: readFileSync('test/data/tls/server.key', 'utf8'), cert: CERTIFICATE };

describe('[AC5] an upstream over HTTPS with a certificate that it signed itself', () => {
  const closing = closesAfterEach();

  const start = async (tls: HttpUpstreamSettings['tls']) => {
    const server = closing(await RawMcpServer.start({ tls: TLS }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { tls, headers: { authorization: 'Bearer canary' } })]));
    return { server, gateway };
  };

  it.each([
    ['is trusted where its certificate is among the authorities', { ca: CERTIFICATE, insecure: false }],
    ['is taken where any certificate is', { ca: undefined, insecure: true }],
  ])('%s', async (_, tls) => {
    const { server, gateway } = await start(tls);
    await untilPublished(gateway, 'work');
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
    await until('the standing stream, over TLS as well', () => server.openStreams.size === 2);
  });

  it('is not spoken to otherwise, and the reason is told', async () => {
    const { server, gateway } = await start({ ca: undefined, insecure: false });
    const reason = await until('the reason', () => {
      const { state, lastError } = gateway.app.get(McpClient).upstreams[0]?.status() ?? {};
      return state === 'degraded' && lastError;
    });
    expect(reason).toMatch(/self-signed certificate/);
    expect(server.exchanges).toHaveLength(0);
  });
});
