/** Longest answer of a model that is read in one round. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** What stands between the words of two rounds. */
export function between(before: string, after: string): string {
  return before === '' || after === '' || /\s$/.test(before) || /^\s/.test(after) ? '' : '\n\n';
}

/** The words of several rounds as one message. */
export function joined(before: string, after: string): string {
  return `${before}${between(before, after)}${after}`;
}
