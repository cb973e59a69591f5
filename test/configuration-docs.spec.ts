import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

describe('the check of what is said of settings', () => {
  const FILES = ['docs/configuration.md', '.env.example', 'README.md', 'deploy/helm/mcpo-proxy/values.schema.json'];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'settings-'));
    for (const file of FILES) cpSync(file, path.join(folder, file));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const readIn = (file: string) => readFileSync(path.join(folder, file), 'utf8');
  const replace = (file: string, text: string, by: string) => {
    const before = readIn(file);
    expect(before).toContain(text);
    writeFileSync(path.join(folder, file), before.replace(text, by));
  };
  const check = (...flags: string[]) => {
    const { status, stderr } = spawnSync('node', [path.resolve('tools/configuration-docs.ts'), ...flags], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, lines: stderr.split('\n').slice(0, -1) };
  };

  it('[ENV] is content with what is said here', () => {
    expect(check()).toEqual({ status: 0, lines: [] });
  });

  it('[ENV] names a page that is not what the settings say, and writes it anew', () => {
    const page = readIn('docs/configuration.md');
    replace('docs/configuration.md', '| `8001` |', '| `8002` |');
    expect(check()).toEqual({ status: 1, lines: ['docs/configuration.md: is not what the settings say; `npm run docs` writes it'] });
    expect(check('--write')).toEqual({ status: 0, lines: [] });
    expect(readIn('docs/configuration.md')).toBe(page);
  });

  it('[ENV] names each place that says otherwise', () => {
    replace('.env.example', '# MAX_CHATS=100\n', '# MAX_CHATS=101\n');
    replace('.env.example', '# NO_PROXY=', '# NO_PROXIES=');
    replace('README.md', '| `PUBLIC_URL` |', '| `PUBLIC_URI` |');
    replace('README.md', '| `30`, `300` |', '| `30`, `301` |');
    const chart = 'deploy/helm/mcpo-proxy/values.schema.json';
    replace(chart, '"off", "shape", "redacted"', '"off", "redacted"');
    replace(chart, '"CACHE_TTL"', '"CACHE_AGE"');
    expect(check()).toEqual({
      status: 1,
      lines: [
        '.env.example: NO_PROXY is missing',
        '.env.example: NO_PROXIES is no variable',
        '.env.example: MAX_CHATS must stand with its default, 100',
        `${chart}: CACHE_TTL is missing`,
        `${chart}: CACHE_AGE is no variable`,
        `${chart}: LOG_PAYLOADS must be one of off,shape,redacted`,
        'README.md: PUBLIC_URI is no variable',
        'README.md: REQUEST_TIMEOUT, MAX_CALL_DURATION: the default is `30`, `300`',
      ],
    });
  });
});
