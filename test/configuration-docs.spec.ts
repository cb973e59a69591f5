import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FLAGS } from '../src/cli/flags.js';
import { ENVIRONMENT } from '../src/config/environment.js';
import { SERVER_ENTRY } from '../src/config/servers/server-entry.js';

const PAGE = readFileSync('docs/configuration.md', 'utf8');

/** The rows of the table below a heading, cell by cell. */
function tableBelow(heading: string): string[][] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const code = (cell = '') => cell.replaceAll('`', '');

/** `tls.ca` for a key inside a key. */
function keysOf({ shape }: z.ZodObject): string[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const own = inner instanceof z.ZodObject ? keysOf(inner).map((name) => `${key}.${name}`) : [];
    return own.length > 0 ? own : [key];
  });
}

describe('docs/configuration.md', () => {
  it('[ENV] names every variable with its default, and no other', () => {
    const rows = tableBelow('Variables');
    expect(rows.map(([name]) => code(name)).sort()).toEqual(Object.keys(ENVIRONMENT.shape).sort());
    const defaults = Object.fromEntries(rows.map(([name, value]) => [code(name), code(value)]).filter(([, value]) => value !== 'none'));
    expect(ENVIRONMENT.parse(defaults)).toEqual(ENVIRONMENT.parse({}));
  });

  it('[ENV] names every flag with its other spellings, and no other', () => {
    const rows = tableBelow('Flags').map(([name, also]) => [code(name), code(also)]);
    expect(rows).toEqual(FLAGS.map(({ name, also }) => [`--${name}`, also.join(', ')]));
  });

  it('[ENV] names every key of a server, and no other', () => {
    const rows = tableBelow('The file of servers').map(([name]) => code(name));
    expect(rows.sort()).toEqual(keysOf(SERVER_ENTRY).sort());
  });

  it('[ENV] .env.example names every variable, and no other', () => {
    const named = [...readFileSync('.env.example', 'utf8').matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
    const known = [...Object.keys(ENVIRONMENT.shape), 'REDIS_PASSWORD'];
    expect(named.sort()).toEqual(known.sort());
  });
});
