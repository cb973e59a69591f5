import { plainText } from '@app/mcp-openapi';

/** Text of servers and callers as one line of Markdown that shows it and does nothing: no links, images or tags of theirs. */
export function inline(text: string, maxLength: number): string {
  return plainText(text, maxLength)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>|~#]/g, '\\$&');
}

/** The same as code. */
export function code(text: string, maxLength = 200): string {
  const plain = plainText(text, maxLength).replace(/\s+/g, ' ').replaceAll('`', "'");
  return `\`${plain}\``;
}

/** Text as a block that nothing in it can end. */
export function block(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Rows of inline Markdown under a head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
