import { RE2JS } from 're2js';

/** What ajv needs of a compiled pattern; `toString` is the key by which ajv tells patterns apart, so it must give the pattern. */
export interface LinearRegExp {
  test(text: string): boolean;
  toString(): string;
}

/** How many steps one test may take, steps of a machine that looks at every instruction for every character: about 30 ms. */
const MAX_STEPS = 20_000_000;

/** Compiles a pattern for an engine whose time grows with the text alone (RE2); undefined for what it has not, such as lookaround. */
export function linearRegExp(pattern: string): LinearRegExp | undefined {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    const maxLength = MAX_STEPS / Math.max(1, compiled.programSize());
    return { test: (text) => text.length > maxLength || compiled.test(text), toString: () => pattern };
  } catch {
    return undefined;
  }
}

/** The engine for ajv's `code.regExp`. A pattern it has not accepts everything; `withoutUnsupportedPatterns` takes care that none gets here. */
export const linearRegExpEngine = Object.assign((pattern: string): LinearRegExp => linearRegExp(pattern) ?? acceptAll(pattern), {
  code: 'linearRegExpEngine',
});

function acceptAll(pattern: string): LinearRegExp {
  return { test: () => true, toString: () => pattern };
}
