import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GATEWAY, GATEWAY_NODE_ARGS, PLANNER } from './support/built.js';
import { type Exchange, get, post } from './support/exchange.js';
import { allListed } from './support/listed.js';
import { ROOT, type RunningProcess, startGateway, startNode } from './support/processes.js';

/** What the bundle does not hold: files that Swagger UI's pages load. */
const EXTERNAL = ['swagger-ui-dist'];

/** An unexpected failure of the start. */
const NO_LISTENING = 'import http from "node:http"; http.Server.prototype.listen = () => { throw new Error("no listening") };';

let folder: string;

/** The package that `npm pack` makes, unpacked, beside nothing but what it must find outside. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'package-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  execFileSync('tar', ['-xzf', 'mcpo-proxy-0.1.0.tgz'], { cwd: folder });
  mkdirSync(path.join(folder, 'node_modules'));
  for (const name of EXTERNAL) symlinkSync(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (nodeArgs: readonly string[] = []) =>
  startNode(path.join(folder, 'package', GATEWAY), { cwd: folder, nodeArgs, env: { PORT: '0', LOG_LEVEL: 'debug' } });

describe('the package', () => {
  let gateway: RunningProcess;
  beforeAll(async () => {
    gateway = await start();
    await allListed(gateway.url);
  });
  afterAll(() => gateway.stop());

  const fieldsOf = ({ text }: Exchange) => (JSON.parse(text) as { error: { details: { problems: { field: string }[] } } }).error.details;

  it('[C4] lists the tools of its planner and calls them', async () => {
    const { tools } = JSON.parse((await get(gateway.url, '/v1/tools?format=mcp')).text) as { tools: unknown[] };
    expect(tools).toHaveLength(12);
    expect(await post(gateway.url, '/v1/tools/list_plans', {})).toMatchObject({ status: 200 });
  });

  it('[C1] reads the envelope by the rules of class-validator', async () => {
    expect(await post(gateway.url, '/v1/tools', { name: 'list_plans', arguments: {} })).toMatchObject({ status: 200 });
    const refused = await post(gateway.url, '/v1/tools', { name: 3 });
    expect([refused.status, fieldsOf(refused).problems.map(({ field }) => field)]).toEqual([400, ['name', 'arguments']]);
  });

  it('[C4] serves Swagger UI and the document of its own endpoints', async () => {
    expect((await get(gateway.url, '/docs/')).text).toContain('<title>mcpo-proxy</title>');
    expect((await get(gateway.url, '/docs/swagger-ui-bundle.js')).status).toBe(200);
    const { paths } = JSON.parse((await get(gateway.url, '/gateway/openapi.json')).text) as { paths: Record<string, { get?: object }> };
    expect(paths['/health']?.get).toMatchObject({ operationId: 'getHealth', responses: { 200: {}, 503: {} } });
  });

  it('logs under the names of its classes, and nothing of packages that are absent', () => {
    const lines = gateway.stdout.map((line) => JSON.parse(line) as { context?: string; msg: string });
    expect(lines).toContainEqual(expect.objectContaining({ context: 'InstanceLoader', msg: 'TerminusModule dependencies initialized' }));
    expect(lines.filter(({ context }) => context === 'PackageLoader')).toEqual([]);
  });
});

it('the package names lines of the sources in stacks, and places in the bundle for packages', async () => {
  const failure = await start(['--import', `data:text/javascript,${NO_LISTENING}`]).catch((error: Error) => error.message);
  expect(failure).toMatch(/Error: no listening\n/);
  expect(failure).toMatch(/\n {4}at async serve\d* \(src\/serve\.ts:\d+:\d+\)\n {4}at async start\d* \(src\/run\.ts:\d+:\d+\)\n/);
  expect(failure).toMatch(/NestApplication\.listen \(file:\/\/[^)]*\/dist\/bundle\/chunks\/[^)]*\)\n/);
});

it('[C2] the program loads no HTTP client of Node, which it does not use', async () => {
  const tell = `process.on('exit', () => console.error('loaded', process.moduleLoadList.filter((name) => name.includes('deps/undici')).length))`;
  const gateway = await startGateway({ nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(tell)}`] });
  await allListed(gateway.url);
  expect(await gateway.stop()).toBe(0);
  expect(gateway.stderr).toContain('loaded 0');
});

it('[C2] `npm start`, the image and the compose file run what the package holds', () => {
  const { bin, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string>; scripts: { start: string } };
  expect(bin).toEqual({ 'mcpo-proxy': GATEWAY });
  expect(scripts.start).toContain(` exec node ${GATEWAY_NODE_ARGS.join(' ')} ${GATEWAY}`);
  expect(readFileSync('Dockerfile', 'utf8')).toContain(
    `CMD ${JSON.stringify(['node', ...GATEWAY_NODE_ARGS, GATEWAY]).replaceAll(',', ', ')}`,
  );
  expect(readFileSync('docker-compose.yml', 'utf8')).toContain(`command: node ${PLANNER} --http`);
});
