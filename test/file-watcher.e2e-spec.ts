import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './support/until.js';
import { FileWatcher } from '../src/mcp-client/reload/file-watcher.js';

describe('FileWatcher', () => {
  let folder: string;
  let file: string;
  let watcher: FileWatcher;
  let changes: number;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'watch-'));
    file = path.join(folder, 'servers.json');
    changes = 0;
  });
  afterEach(() => {
    watcher.close();
    rmSync(folder, { recursive: true });
  });

  const watch = () => (watcher = new FileWatcher(file, () => (changes += 1)));

  it('sees a file that is written, replaced, removed, and there again', async () => {
    writeFileSync(file, 'a');
    watch();
    writeFileSync(file, 'ab');
    await until('the text', () => changes === 1);
    writeFileSync(`${file}.new`, 'cd');
    renameSync(`${file}.new`, file);
    await until('the other file', () => changes === 2);
    rmSync(file);
    await until('the end', () => changes === 3);
    writeFileSync(file, 'ab');
    await until('the new file', () => changes === 4);
  });

  it('sees that a link leads elsewhere, as in a mounted ConfigMap', async () => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(path.join(folder, version));
      writeFileSync(path.join(folder, version, 'servers.json'), version);
    }
    symlinkSync('v1', path.join(folder, 'data'));
    file = path.join(folder, 'data', 'servers.json');
    watch();
    symlinkSync('v2', path.join(folder, 'data.new'));
    renameSync(path.join(folder, 'data.new'), path.join(folder, 'data'));
    await until('the other folder', () => changes === 1);
  });

  it('learns of a change by an event, and waits until it is over', async () => {
    writeFileSync(file, 'a');
    jest.useFakeTimers({ doNotFake: ['performance'] });
    try {
      watch();
      const timers = jest.getTimerCount();
      writeFileSync(file, 'ab');
      await until('the event', () => jest.getTimerCount() > timers);
      jest.advanceTimersByTime(90);
      expect(changes).toBe(0);
      jest.advanceTimersByTime(10);
      expect(changes).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('says nothing of other files, nor after its end', async () => {
    writeFileSync(file, 'a');
    watch();
    writeFileSync(path.join(folder, 'other'), 'a');
    await sleep(1_300);
    expect(changes).toBe(0);
    watcher.close();
    writeFileSync(file, 'abc');
    await sleep(1_300);
    expect(changes).toBe(0);
  });
});
