/**
 * About how many instructions a pattern compiles to: counted repetitions are written out (`(a{30}){30}` is 900), which takes longer than any
 * match. Looks at each character once.
 */
export function patternSize(pattern: string): number {
  const groups: { size: number; last: number }[] = [];
  let current = { size: 0, last: 0 };
  const add = (size: number): void => {
    current = { size: current.size + size, last: size };
  };
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '(') {
      groups.push(current);
      current = { size: 0, last: 0 };
    } else if (character === ')' && groups.length > 0) {
      const { size } = current;
      current = groups.pop() as typeof current;
      add(size + 2);
    } else if (character === '{') {
      const [repeat, count] = repetition(pattern, at);
      current = { size: current.size + current.last * (count - 1), last: current.last * count };
      at += repeat - 1;
    } else if (character === '[') {
      at = endOfClass(pattern, at);
      add(1);
    } else {
      if (character === '\\') at += 1;
      add(1);
    }
  }
  return groups.reduce((size, group) => size + group.size, current.size);
}

/** The length of the repetition `{n,m}` at `at`, and how often it writes out what it repeats; of any other brace 1 and 1. */
function repetition(pattern: string, at: number): [length: number, count: number] {
  const match = /\{(\d+)(?:,(\d*))?\}/y;
  match.lastIndex = at;
  const found = match.exec(pattern);
  if (!found) return [1, 1];
  return [found[0].length, Math.max(1, Number(found[2] || found[1]))];
}

function endOfClass(pattern: string, start: number): number {
  for (let at = start + 1; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']' && at > start + 1) return at;
  }
  return pattern.length;
}
