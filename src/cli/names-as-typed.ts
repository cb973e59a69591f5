import { type Flag, FLAGS } from './flags.js';
import { scanArguments } from './scan-arguments.js';

/** Says of what is wrong with a variable what is wrong with the flag that it was set by, as that was typed. */
export function namesAsTyped(args: readonly string[]): (problem: string) => string {
  const { spellings } = scanArguments(args);
  const typed = new Map<string, string>();
  for (const { name, variable } of FLAGS as readonly (Flag & { readonly name: (typeof FLAGS)[number]['name'] })[]) {
    const spelling = spellings.get(name);
    if (variable !== undefined && spelling !== undefined) typed.set(variable, spelling);
  }
  return (problem) => {
    const [, variable = ''] = /^([A-Z_]+): /.exec(problem) ?? [];
    const spelling = typed.get(variable);
    return spelling === undefined ? problem : problem.replaceAll(new RegExp(`\\b${variable}\\b`, 'g'), spelling);
  };
}
