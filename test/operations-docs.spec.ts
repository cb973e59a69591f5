import { globSync, readFileSync } from 'node:fs';
import { ENVIRONMENT } from '../src/config/environment.js';
import { METRICS } from '../src/metrics/metric-names.js';

const PAGE = readFileSync('docs/operations.md', 'utf8');
const SOURCES = globSync('{src,libs}/**/*.ts')
  .filter((file) => !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

/** What stands in code in the cells of the table of symptoms, by column. */
function inCode(column: number): string[] {
  const rows = (PAGE.split('\n## Troubleshooting\n')[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| symptom'));
  expect(rows.length).toBeGreaterThan(20);
  return rows.flatMap((row) => [...(row.split(' | ')[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, text]) => text as string));
}

describe('docs/operations.md', () => {
  it('[MON] names metrics that there are', () => {
    const known = Object.values(METRICS).map(({ name }) => name as string);
    const named = [...PAGE.matchAll(/\bmcpo_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('[MON] quotes in what shows a symptom only what the gateway says', () => {
    const words = inCode(1).filter((text) => !text.startsWith('mcpo_') && !text.startsWith('nodejs_') && !OF_OTHERS.includes(text));
    expect(words.filter((text) => !SOURCES.includes(text))).toEqual([]);
  });

  it('[ENV] names settings that there are', () => {
    const named = [...PAGE.matchAll(/`([A-Z][A-Z]+_[A-Z_]+)(?:=[^`]*)?`/g)].map(([, name]) => name as string);
    expect(named.filter((name) => !(name in ENVIRONMENT.shape) && !OF_OTHERS.includes(name))).toEqual([]);
  });
});

/** Of other programs, and forms of lines. */
const OF_OTHERS = ['NAME: what', 'GET /v1/servers', 'UV_CACHE_DIR', 'details.reason', 'details.scope'];
