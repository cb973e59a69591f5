import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readAhead } from './read-ahead.js';
import { FileProblem } from './read-file.js';

describe('[ENV] readAhead', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ahead-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives files that name others, each read once, after the one that calls has gone on', async () => {
    const at = (name: string) => path.join(folder, name);
    for (const [name, text] of Object.entries({ a: 'b c', b: 'd', c: '', d: '' })) writeFileSync(at(name), text);
    let isCallerOn = false;
    const passes: boolean[] = [];
    const names = readAhead((readFile) => {
      passes.push(isCallerOn);
      const follow = (name: string): string[] => [name, ...readFile(at(name)).split(' ').filter(Boolean).flatMap(follow)];
      return follow('a');
    });
    isCallerOn = true;
    expect(await names).toEqual(['a', 'b', 'd', 'c']);
    expect(passes).toEqual([false, true, true, true]);
  });

  it('gives why one cannot be read to whoever asks for it, and what is thrown in the end', async () => {
    const problems: unknown[] = [];
    const reading = readAhead((readFile) => {
      for (const [file, maxBytes] of [[folder], [path.join(folder, 'none')], ['/dev/null'], [import.meta.filename, 10]] as [
        string,
        number?,
      ][]) {
        try {
          readFile(file, maxBytes);
        } catch (error) {
          problems.push(error);
        }
      }
      throw new Error('in the end');
    });
    await expect(reading).rejects.toThrow('in the end');
    expect(problems.map((problem) => (problem instanceof FileProblem ? problem.message : problem))).toEqual([
      'cannot be read (EISDIR)',
      'cannot be read (ENOENT)',
      'is no regular file',
      'is larger than 10 bytes',
    ]);
  });
});
