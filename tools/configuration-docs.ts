/**
 * Writes the tables of docs/configuration.md from the settings themselves: their schema, and what is said of each in the
 * `*-descriptions.ts` beside it. Without `--write` it fails where the page is not so, or .env.example, the chart or the README say otherwise.
 *
 * node tools/configuration-docs.ts [--write]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { drift } from './configuration/drift.ts';
import { TABLES } from './configuration/tables.ts';

const PAGE = 'docs/configuration.md';
const page = readFileSync(PAGE, 'utf8');
const current = Object.entries(TABLES).reduce(withTable, page);
const problems = drift();
if (process.argv.includes('--write')) writeFileSync(PAGE, current);
else if (current !== page) problems.push(`${PAGE}: is not what the settings say; \`npm run docs\` writes it`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The page with the first table below a heading replaced. */
function withTable(text: string, [heading, table]: [string, string]): string {
  const start = text.indexOf('\n| ', text.indexOf(`\n## ${heading}\n`)) + 1;
  const end = text.indexOf('\n\n', start);
  if (!text.includes(`\n## ${heading}\n`) || start === 0) throw new Error(`${PAGE} has no table below "${heading}"`);
  return text.slice(0, start) + table + text.slice(end);
}
