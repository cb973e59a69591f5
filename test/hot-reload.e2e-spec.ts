import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { get, post } from './support/exchange.js';
import { type RunningProcess, startGateway } from './support/processes.js';
import { packaged } from './support/installed/server-everything.js';
import { publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly disabled?: boolean;
  readonly disabledTools?: readonly string[];
}

const closing = closesAfterEach();
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reload-'));
  file = path.join(folder, 'config', 'servers.json');
  mkdirSync(path.dirname(file));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The real server-filesystem over a folder of its own, by which its process is known. */
function files(name: string, more: Partial<Entry> = {}): Entry {
  const root = path.join(folder, name);
  mkdirSync(root, { recursive: true });
  return { command: process.execPath, args: [packaged('server-filesystem'), root], ...more };
}

const EVERYTHING: Entry = { command: process.execPath, args: [packaged('server-everything')] };

function write(servers: Readonly<Record<string, Entry>>): void {
  writeFileSync(file, JSON.stringify({ mcpServers: servers }, undefined, 2));
}

/** As editors do it: another file takes the place of the one before. */
function replace(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const start = async (...more: string[]) => closing(await startGateway({ args: ['--config', file, ...more] }));

/** The gateway's children: the last word of the command line of each, and its pid. */
function childrenOf({ pid }: RunningProcess): Record<string, number> {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return Object.fromEntries(pids.filter(isRunning).map((child) => [path.basename(lastWordOf(child)), child]));
}

/** Empty for a process that has just ended. */
function lastWordOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).at(-1) ?? '';
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

interface Report {
  readonly name: string;
  readonly state: string;
  readonly since: string;
}
async function reports(gateway: RunningProcess): Promise<Report[]> {
  return (JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: Report[] }).servers;
}
const stateOf = async (gateway: RunningProcess, name: string) => (await reports(gateway)).find((server) => server.name === name)?.state;
const lines = ({ stdout }: RunningProcess, msg: string) =>
  stdout.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.msg === msg);
const TAKEN_OVER = 'configuration taken over';
const NOT_TAKEN_OVER = 'configuration not taken over, the servers stay as they were';

describe('hot reload', () => {
  it('[AC5] adds, changes and removes servers, and leaves the others as they are', async () => {
    const [kept, changed, dropped] = [files('kept'), files('changed'), files('dropped')];
    write({ kept, changed, dropped });
    const gateway = await start('--hot-reload');
    for (const name of ['kept', 'changed', 'dropped']) await untilPublished(gateway, `${name}_read_text_file`);
    const before = childrenOf(gateway);
    expect(Object.keys(before).sort()).toEqual(['changed', 'dropped', 'kept']);
    const { since } = (await reports(gateway))[0] as Report;

    replace(JSON.stringify({ mcpServers: { added: files('added'), kept, changed: files('changed-2', { disabledTools: ['move_file'] }) } }));
    const at = performance.now();
    await until('the change to be taken over', () => lines(gateway, TAKEN_OVER).length > 0);
    // 2 s, and an allowance for a loaded machine.
    expect(performance.now() - at).toBeLessThan(10_000);
    expect(lines(gateway, TAKEN_OVER)).toMatchObject([{ added: ['added'], changed: ['changed'], removed: ['dropped'] }]);
    await untilPublished(gateway, 'added_read_text_file');
    await until('the new server to be up', async () => (await stateOf(gateway, 'changed')) === 'up');
    await until('the old children to end', () => !isRunning(before['dropped'] as number) && !isRunning(before['changed'] as number));

    const after = childrenOf(gateway);
    expect(Object.keys(after).sort()).toEqual(['added', 'changed-2', 'kept']);
    expect(after['kept']).toBe(before['kept']);
    expect((await reports(gateway)).map(({ name, state }) => [name, state])).toEqual([
      ['added', 'up'],
      ['kept', 'up'],
      ['changed', 'up'],
    ]);
    expect((await reports(gateway))[1]?.since).toBe(since);
    expect(Object.keys((JSON.parse((await get(gateway.url, '/health/mcp')).text) as { details: object }).details)).toEqual([
      'added',
      'kept',
      'changed',
    ]);
    const tools = await publishedTools(gateway);
    expect([...new Set(tools.map((name) => name.split('_')[0]))]).toEqual(['added', 'kept', 'changed']);
    expect(tools).not.toContain('changed_move_file');
    expect(await post(gateway.url, '/changed/list_allowed_directories', {})).toMatchObject({
      status: 200,
      text: expect.stringContaining('changed-2'),
    });
    expect(await post(gateway.url, '/dropped/list_allowed_directories', {})).toMatchObject({ status: 404 });
    expect((await get(gateway.url, '/dropped/openapi.json')).status).toBe(404);
  });

  it('[AC5] changes nothing when the file is broken, and says where', async () => {
    write({ kept: files('kept') });
    const gateway = await start('--hot-reload');
    await untilPublished(gateway, 'kept_read_text_file');
    const before = childrenOf(gateway);
    writeFileSync(file, '{\n  "mcpServers": {\n    "kept": }\n}\n');
    await until('the file to be refused', () => lines(gateway, NOT_TAKEN_OVER).length > 0);
    expect(JSON.stringify(lines(gateway, NOT_TAKEN_OVER)[0])).toMatch(/line 3\D+column 13|servers\.json:3:13/);
    replace('{"mcpServers":{"kept":{"command":7}}}');
    await until('the file to be refused again', () => lines(gateway, NOT_TAKEN_OVER).length > 1);
    rmSync(file);
    await until('the file to be missed', () => lines(gateway, NOT_TAKEN_OVER).length > 2);
    expect(childrenOf(gateway)).toEqual(before);
    expect(await post(gateway.url, '/kept/list_allowed_directories', {})).toMatchObject({ status: 200 });

    write({ kept: files('kept'), added: files('added') });
    await untilPublished(gateway, 'added_read_text_file');
    expect(childrenOf(gateway)['kept']).toBe(before['kept']);
  });

  it('[AC5] happens on SIGHUP alone where it is not asked for', async () => {
    write({ kept: files('kept') });
    const gateway = await start();
    await untilPublished(gateway, 'kept_read_text_file');
    write({ kept: files('kept'), added: files('added') });
    await sleep(1_500);
    expect((await reports(gateway)).map(({ name }) => name)).toEqual(['kept']);
    process.kill(gateway.pid, 'SIGHUP');
    await untilPublished(gateway, 'added_read_text_file');
    process.kill(gateway.pid, 'SIGHUP');
    await until('a second look', () => lines(gateway, TAKEN_OVER).length === 2);
    expect(lines(gateway, TAKEN_OVER)[1]).toMatchObject({ added: [], changed: [], removed: [] });
  });

  it('[AC5] is passed over with a line in the log where the servers are from no file', async () => {
    const gateway = closing(await startGateway({ args: ['--', EVERYTHING.command, ...EVERYTHING.args] }));
    await untilPublished(gateway, 'echo');
    const before = childrenOf(gateway);
    process.kill(gateway.pid, 'SIGHUP');
    const [line] = await until('the line', () => {
      const found = lines(gateway, 'nothing to reload: the servers are not from a config file');
      return found.length > 0 && found;
    });
    expect(line).toMatchObject({ level: 'info', from: 'command line' });
    await expect(post(gateway.url, '/v1/tools/echo', { message: 'still here' })).resolves.toMatchObject({ status: 200 });
    expect(childrenOf(gateway)).toEqual(before);
    await expect(gateway.stop()).resolves.toBe(0);
  });

  it('[AC5] lets a call in flight finish when its server is removed or changed, and leaves no child behind', async () => {
    write({ slow: EVERYTHING, kept: files('kept') });
    const gateway = await start('--hot-reload');
    await untilPublished(gateway, 'slow_trigger-long-running-operation');
    await untilPublished(gateway, 'kept_read_text_file');
    const { 'index.js': pid, kept } = childrenOf(gateway) as { 'index.js': number; kept: number };
    const answer = post(gateway.url, '/slow/trigger-long-running-operation', { duration: 5, steps: 5 });
    await sleep(300);
    write({ kept: files('kept') });
    await until('the change to be taken over', () => lines(gateway, TAKEN_OVER).length > 0);
    expect(await post(gateway.url, '/slow/echo', { message: 'hello' })).toMatchObject({ status: 404 });
    expect(isRunning(pid)).toBe(true);
    expect(await answer).toMatchObject({ status: 200, text: expect.stringContaining('Long running operation completed') });
    await until('the child to end', () => !isRunning(pid));
    expect(childrenOf(gateway)).toEqual({ kept });
    await until('its metrics to be gone', async () => !(await get(gateway.url, '/metrics')).text.includes('server="slow"'));
    await until('no other process to be left', () => {
      const left = execFileSync('ps', ['-o', 'pid=', '--ppid', String(gateway.pid)], { encoding: 'utf8' });
      return left.trim() === String(kept);
    });
  });
});

describe('servers that hang or are dead', () => {
  it('[AC5][P4] keep no other waiting: the port is open at once and the good one is served', async () => {
    const hangs = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)', 'hangs'] };
    const dead = { command: process.execPath, args: ['-e', 'process.exit(3)'] };
    write({ hangs, dead, good: files('good') });
    const gateway = await start();
    expect((await get(gateway.url, '/health/live')).status).toBe(200);
    await untilPublished(gateway, 'good_read_text_file');
    expect(await stateOf(gateway, 'hangs')).toMatch(/^(starting|degraded)$/);
    await until('the dead one to be known', async () => (await stateOf(gateway, 'dead')) === 'degraded');
    expect(await post(gateway.url, '/good/list_allowed_directories', {})).toMatchObject({ status: 200 });
    expect(Object.keys((JSON.parse((await get(gateway.url, '/hangs/openapi.json')).text) as { paths: object }).paths)).toEqual([
      '/gateway_status',
    ]);
    expect(await post(gateway.url, '/v1/tools/dead_anything', {})).toMatchObject({ status: 503 });
  });
});
