import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileBackend } from './file-backend.js';

describe('FileBackend', () => {
  let folder: string;
  const failures: unknown[] = [];
  const backend = () => new FileBackend(path.join(folder, 'grants.json'), (error) => failures.push(error));
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'grants-'));
    failures.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('[AC8] loses nothing that two processes write at once, and leaves nothing else behind', async () => {
    const [one, other] = [backend(), backend()];
    const names = Array.from({ length: 20 }, (_, number) => `kept:${number}`);
    await Promise.all(names.map((name, number) => (number % 2 === 0 ? one : other).set(name, name, undefined)));
    expect((await one.all()).map(([name]) => name).sort()).toEqual(names.sort());
    expect(readdirSync(folder)).toEqual(['grants.json']);
    expect(failures).toEqual([]);
  });

  it('[AC8] gives to whoever takes first, and nothing after its time', async () => {
    await backend().set('a', 'x', 60_000);
    await backend().set('b', 'y', -1);
    expect(await Promise.all([backend().take('a'), backend().take('a')]).then((taken) => taken.sort())).toEqual(['x', undefined]);
    expect(await backend().get('b')).toBeUndefined();
  });

  it('[AC8] has one of several processes at a time do what is to be done once, and passes over one that has ended at it', async () => {
    const { exclusive, most } = overlapping();
    await Promise.all([backend(), backend(), backend()].map((each) => each.exclusively('a', exclusive)));
    expect(most()).toBe(1);
    const [lock] = await backend().exclusively('a', () => Promise.resolve(readdirSync(folder)));
    writeFileSync(path.join(folder, lock as string), '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path.join(folder, lock as string), longAgo, longAgo);
    expect(await backend().exclusively('a', () => Promise.resolve('done'))).toBe('done');
    await expect(backend().exclusively('a', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(readdirSync(folder)).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('[S7] tells of a file that is none of its own, and takes nothing of it, nor writes over it', async () => {
    writeFileSync(path.join(folder, 'grants.json'), '{"a":');
    expect(await backend().get('a')).toBeUndefined();
    await backend().set('a', 'x', undefined);
    expect(failures).toEqual([expect.any(SyntaxError), expect.any(SyntaxError)]);
    expect(readFileSync(path.join(folder, 'grants.json'), 'utf8')).toBe('{"a":');
  });

  it('[S7] holds what cannot be written, and forgets what cannot be forgotten; the file is told of both once it can be', async () => {
    const file = path.join(folder, 'grants.json');
    const one = new FileBackend(file, (error) => failures.push(error), 10);
    for (const name of ['old', 'begun', 'other']) await one.set(name, 'x', undefined);
    const before = readFileSync(file, 'utf8');
    rmSync(file);
    writeFileSync(file, '{"a":');
    await one.set('new', 'y', undefined);
    await one.set('short', 'z', 5_000);
    await one.delete('old');
    expect(await one.take('begun')).toBeUndefined();
    expect([await one.get('new'), await one.take('short'), await one.take('short')]).toEqual(['y', 'z', undefined]);
    expect([await one.all(), failures.length]).toEqual([[['new', 'y']], 8]);
    writeFileSync(file, before);
    expect([await one.get('old'), await one.get('other')]).toEqual([undefined, 'x']);
    while ((await backend().get('new')) !== 'y') await sleep(10);
    expect(await backend().all()).toEqual([
      ['other', 'x'],
      ['new', 'y'],
    ]);
  });

  it.each<[string, string[], string]>([
    ['a pipe', ['mkfifo'], 'is no regular file'],
    ['a device', ['ln', '-s', '/dev/zero'], 'is no regular file'],
    ['a file of more than it can hold', ['truncate', '-s', '1T'], 'is larger than 134217728 bytes'],
  ])('[S7] waits for nothing where %s is in its place', async (_, [command = '', ...args], problem) => {
    execFileSync(command, [...args, path.join(folder, 'grants.json')]);
    expect(await backend().get('a')).toBeUndefined();
    await backend().set('a', 'x', undefined);
    expect(failures.map((failure) => (failure as Error).message)).toEqual([problem, problem]);
  });
});

/** Work, and how many were at it at once at the most. */
function overlapping() {
  let [now, most] = [0, 0];
  const exclusive = async () => {
    most = Math.max(most, (now += 1));
    await sleep(30);
    now -= 1;
  };
  return { exclusive, most: () => most };
}
