import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { closesAfterEach } from './support/ends.ts';
import { post } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { OtlpReceiver } from './support/tracing/otlp-receiver.ts';
import { type RunningProcess, startGateway } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { silentCollector } from './support/tracing/silent-collector.ts';

/** A tenfold allowance for the two seconds of the end. */
const SOON_MS = 20_000;

describe('[P4] the process of a gateway that traces', () => {
  const closing = closesAfterEach();
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'loaded-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = async (env: Readonly<Record<string, string>>): Promise<RunningProcess> => {
    const server = closing(await RawMcpServer.start());
    const gateway = await startGateway({ env: { MCP_SERVER_URL: server.url, NODE_V8_COVERAGE: folder, ...env } });
    closing({ stop: () => gateway.stop('SIGKILL') });
    await allListed(gateway.url);
    expect((await post(gateway.url, '/v1/tools/work', {})).status).toBe(200);
    return gateway;
  };
  /** The files of the bundle that the process has loaded, which Node notes at its end. */
  const loaded = (): string[] =>
    readdirSync(folder)
      .flatMap((file) => (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { result: { url: string }[] }).result)
      .map(({ url }) => path.basename(url));
  const isTracer = (file: string) => file.startsWith('call-tracer-');

  it('loads nothing of OpenTelemetry where nobody takes spans', async () => {
    const gateway = await start({});
    expect(await gateway.stop()).toBe(0);
    expect(loaded()).toContain('main.js');
    expect(loaded().filter(isTracer)).toEqual([]);
    const chunks = readdirSync('dist/bundle/chunks').filter((file) => file.endsWith('.js'));
    const withSdk = chunks.filter((file) => readFileSync(`dist/bundle/chunks/${file}`, 'utf8').includes('var BatchSpanProcessor'));
    expect(withSdk.map(isTracer)).toEqual([true]);
  });

  it('sends at its end what waits', async () => {
    const collector = closing(await OtlpReceiver.start());
    const gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    expect(await gateway.stop()).toBe(0);
    expect(collector.spans).toHaveLength(4);
    expect(loaded().filter(isTracer)).toHaveLength(1);
  });

  it('ends in time where the collector answers nothing', async () => {
    const { url } = closing(await silentCollector());
    const gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const before = performance.now();
    expect(await gateway.stop()).toBe(0);
    expect(performance.now() - before).toBeLessThan(SOON_MS);
    expect(gateway.stdout.join('\n')).not.toContain('did not let go');
  });
});
