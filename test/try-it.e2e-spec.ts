import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { banner } from '../src/banner.js';
import { readSettings } from '../src/config/read-settings.js';
import { AMPLE_LIMITS } from './support/ample-limits.ts';
import { closesAfterEach } from './support/ends.ts';
import { startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT } from './support/processes.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const run = promisify(execFile);
const KEY = 'sk-a-key-of-tests';

/** What the line of the banner prints when it is run in a shell, for a gateway with these settings. */
async function tried(environment: Readonly<Record<string, string>>, more: { pathPrefix?: string } = {}): Promise<unknown> {
  const given = { LOG_LEVEL: 'silent', ...AMPLE_LIMITS, ...environment };
  const gateway = closing(await startGatewayHere(environment, undefined, more));
  if (environment['ALLOWED_HOSTS'] === undefined && more.pathPrefix === undefined) await allListed(gateway.url);
  const lines = banner(gateway.url, { ...readSettings(given), ...more }).split('\n');
  const command = lines.find((line) => line.startsWith('  Try it'))?.slice('  Try it'.length) ?? '';
  return until('the planner comes up', async () => {
    const { stdout } = await run('sh', ['-c', command], { env: { PATH: process.env['PATH'], KEY }, encoding: 'utf8' });
    const answer = JSON.parse(stdout) as { error?: { type?: string } };
    return answer.error?.type !== 'upstream_unavailable' && answer;
  });
}

const task = { title: 'Review quarterly reports', due_date: '2025-10-15' };

describe('the line that the start tells to try', () => {
  it('[C4] works as it is', async () => {
    expect(await tried({})).toMatchObject(task);
  });

  it('[C4] works below a prefix', async () => {
    expect(await tried({}, { pathPrefix: '/tools' })).toMatchObject(task);
  });

  it('[C4] [S1] works with a key, which it leaves to a variable and says so', async () => {
    expect(await tried({ API_KEYS: `me:${KEY}` })).toMatchObject(task);
    const text = banner('http://127.0.0.1:1', readSettings({ API_KEYS: `me:${KEY}` }));
    expect(text).not.toContain(KEY);
    expect(text).toMatch(/KEY: one of/);
  });

  it('[C4] works where the gateway answers under other names only', async () => {
    expect(await tried({ ALLOWED_HOSTS: 'gateway.example' })).toMatchObject(task);
  });

  it('[C4] takes a certificate that is made for another name', () => {
    expect(banner('https://127.0.0.1:1', readSettings({}))).toMatch(/Try it {12}curl -sk https:/);
  });

  it('[C4] [S1] has a key for the list of tools where that needs one', () => {
    const settings = { ...readSettings({ API_KEYS: KEY, MCP_SERVER_URL: 'http://127.0.0.1:9/mcp' }), strictAuth: true };
    expect(banner('http://127.0.0.1:1', settings)).toContain(
      `curl -s -H "Authorization: Bearer $KEY" 'http://127.0.0.1:1/v1/tools?format=mcp'`,
    );
  });

  it('[ENV] gives Open WebUI the address of PUBLIC_URL', () => {
    expect(banner('http://127.0.0.1:1', readSettings({ PUBLIC_URL: 'https://gw.example/mcpo' }))).toContain(
      'External Tools > +: type OpenAPI, URL https://gw.example/mcpo\n',
    );
  });
});

describe('README', () => {
  it('[C2] says how the package is installed from its file, and which Node it needs', () => {
    const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
    const { version, engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
      engines: { node: string };
    };
    expect(readme).toContain(`npm install --global ./mcpo-proxy-${version}.tgz`);
    expect(readme).toContain(`Node ${engines.node.replace('>=', '')} or newer`);
  });
});
