import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { takeLockFile, withLockFile } from './lock-file.js';

describe('a lock file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lock-'));
    file = path.join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const leaveBehind = (name: string): void => {
    writeFileSync(name, 'of a process that has ended');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(name, longAgo, longAgo);
  };

  it('[AC8] that was left behind is taken over by one at a time of all who find it at the same moment', async () => {
    let [now, most] = [0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++now);
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      now -= 1;
    };
    for (let round = 0; round < 2; round++) {
      leaveBehind(file);
      await Promise.all(Array.from({ length: 20 }, () => withLockFile(file, work)));
    }
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  }, 30_000);

  it('[AC8] is left alone by all others while one is about to take it away, and is looked at again then', async () => {
    leaveBehind(file);
    writeFileSync(`${file}.over`, '');
    let isTaken = false;
    const taken = takeLockFile(file).finally(() => (isTaken = true));
    await sleep(200);
    expect(readdirSync(folder)).toEqual(['lock', 'lock.over']);
    writeFileSync(file, 'of whoever took it over');
    rmSync(`${file}.over`);
    await sleep(200);
    expect(isTaken).toBe(false);
    rmSync(file);
    await (
      await taken
    )();
  });

  it('[AC8] is taken over though whoever did so last ended at it', async () => {
    leaveBehind(file);
    leaveBehind(`${file}.over`);
    await withLockFile(file, () => Promise.resolve());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('[AC8] that another has taken over meanwhile is not given back by whoever had it before', async () => {
    const giveBackLate = await takeLockFile(file);
    rmSync(file);
    const giveBack = await takeLockFile(file);
    await giveBackLate();
    expect(statSync(file).isFile()).toBe(true);
    await giveBack();
    expect(readdirSync(folder)).toEqual([]);
  });
});
