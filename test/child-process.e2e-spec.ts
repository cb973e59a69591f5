import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stdioUpstream } from './support/gateway.js';
import { until } from './support/until.js';
import { endChild, startChild, startChildEarly } from '@app/mcp-transport';

/** Says who it is; the first process of all ends at once, those after it stay. */
const FIRST_ENDS = `
  const { appendFileSync, existsSync } = require('node:fs');
  const [file] = process.argv.slice(1);
  const isFirst = !existsSync(file);
  appendFileSync(file, process.pid + '\\n');
  if (!isFirst) process.stdin.resume();
`;

describe('a server that is started early', () => {
  it('is taken over, with what it has said, by the first who wants it, and by nobody else', async () => {
    const server = stdioUpstream('-e', ['console.log("ready"); process.stdin.resume()']);
    startChildEarly(server);
    const [taken, another] = [await startChild(server), await startChild(server)];
    try {
      expect(String(await once(taken.stdout, 'data'))).toBe('ready\n');
      expect(another.pid).not.toBe(taken.pid);
    } finally {
      await Promise.all([endChild(taken), endChild(another)]);
    }
  });

  it('is started again if it has ended meanwhile', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'early-')), 'pids');
    const server = stdioUpstream('-e', [FIRST_ENDS, file]);
    startChildEarly(server);
    await until('the first process to end', () => existsSync(file) && !isRunning(Number(readFileSync(file, 'utf8'))));
    const child = await startChild(server);
    await until('the second process', () => readFileSync(file, 'utf8').split('\n').length === 3);
    expect(isRunning(child.pid as number)).toBe(true);
    await endChild(child);
  });

  it('tells the one who wants it that it cannot be started', async () => {
    const server = { ...stdioUpstream('-e'), command: 'no-such-command' };
    startChildEarly(server);
    await expect(startChild(server)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
