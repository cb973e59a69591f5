import { FLAG_DESCRIPTIONS, FLAGS, SERVER_DESCRIPTIONS } from './sources.ts';
import { type Variable, VARIABLES } from './variables.ts';

/** The tables of docs/configuration.md by the headings above them, as Markdown. */
export const TABLES: Readonly<Record<string, string>> = {
  Variables: table(
    ['variable', 'default', 'values', 'meaning'],
    VARIABLES.map((variable) => [code(variable.name), fallbackOf(variable), valuesOf(variable), variable.meaning]),
  ),
  Flags: table(
    ['flag', 'also', 'meaning'],
    FLAGS.map(({ name, also }) => [code(`--${name}`), also.map(code).join(', '), FLAG_DESCRIPTIONS[name]]),
  ),
  'The file of servers': table(
    ['key', 'for', 'default', 'meaning'],
    Object.entries(SERVER_DESCRIPTIONS).map(([key, { of = '', fallback = '', meaning }]) => [code(key), of, fallback, meaning]),
  ),
};

/** Of a variable, as Markdown. */
export function fallbackOf({ fallback }: Variable): string {
  return fallback === undefined ? 'none' : code(fallback);
}

function valuesOf({ range, words = [] }: Variable): string {
  return range ? `${range.minimum} to ${range.maximum}` : words.map(code).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [rowOf(head), `|${'---|'.repeat(head.length)}`, ...rows.map(rowOf)].join('\n');
}

function rowOf(cells: readonly string[]): string {
  return `|${cells.map((cell) => (cell === '' ? ' |' : ` ${cell.replaceAll('|', '\\|')} |`)).join('')}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
