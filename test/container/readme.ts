import { readFileSync } from 'node:fs';

/** The lines that begin with `curl` in the shell blocks of a section of README.md. */
export function curlLinesOf(section: string): string[] {
  const text = readFileSync('README.md', 'utf8');
  const [, after] = text.split(`\n## ${section}\n`);
  if (after === undefined) throw new Error(`README.md has no section "${section}".`);
  const [own = ''] = after.split('\n## ');
  const blocks = [...own.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block as string);
  return blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n')).filter((line) => line.startsWith('curl '));
}
