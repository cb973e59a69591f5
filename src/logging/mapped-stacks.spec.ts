import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { toLogLine } from './log-line.js';

describe('a stack in the log', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stacks-'));
  const script = pathToFileURL(path.join(folder, 'chunk.js')).href;
  const absent = pathToFileURL(path.join(folder, 'absent.js')).href;
  // Line 1 is of line 1 of the source, line 2 of nothing, line 3 of line 2.
  writeFileSync(path.join(folder, 'chunk.js.map'), '{"version":3,"sources":["../../src/a.ts"],"names":[],"mappings":"AAAA;;AACA"}');
  afterAll(() => rmSync(folder, { recursive: true }));

  const frames = (...places: readonly string[]) => ['Error: no', ...places.map((place) => `    at ${place}`)].join('\n');
  const given = frames(
    `async serve2 (${script}:1:9)`,
    `${script}:3:1`,
    `of a package (${script}:2:5)`,
    `of none (${absent}:1:1)`,
    'native',
  );
  const told = frames('async serve2 (src/a.ts:1:1)', 'src/a.ts:2:1', `of a package (${script}:2:5)`, `of none (${absent}:1:1)`, 'native');

  it('names files and lines of the sources, of an error and of what is given as a stack', () => {
    const error = Object.assign(new Error('no'), { stack: given });
    expect(toLogLine(error, [])).toMatchObject({ err: { message: 'no', stack: told } });
    expect(toLogLine('no', [given, 'Context'])).toMatchObject({ msg: 'no', stack: told, context: 'Context' });
  });
});
