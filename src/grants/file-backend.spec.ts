import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

  it('[S7] tells of a file that is none of its own, and takes nothing of it, nor writes over it', async () => {
    writeFileSync(path.join(folder, 'grants.json'), '{"a":');
    expect(await backend().get('a')).toBeUndefined();
    expect(await backend().set('a', 'x', undefined)).toBe(false);
    expect(failures).toEqual([expect.any(SyntaxError), expect.any(SyntaxError)]);
    expect(readFileSync(path.join(folder, 'grants.json'), 'utf8')).toBe('{"a":');
  });
});
