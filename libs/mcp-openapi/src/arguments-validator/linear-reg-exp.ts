import { RE2JS } from 're2js';
import { patternSize } from './pattern-size.js';
import { re2Pattern } from './re2-pattern.js';

/** What ajv needs of a compiled pattern; `toString` is the key by which ajv tells patterns apart, so it must give the pattern. */
interface LinearRegExp {
  test(text: string): boolean;
  toString(): string;
}

/** Instructions of one pattern, and of all patterns of one schema: compiling so many takes about 30 ms. */
const MAX_PATTERN_SIZE = 2_000;

/** Longer ones are not even measured. */
const MAX_PATTERN_LENGTH = 10 * MAX_PATTERN_SIZE;

/** How many steps one test may take: each instruction looks at each character. What would take more is not tested. */
const MAX_STEPS = 4_000_000;

/**
 * Compiles a pattern of `size` for an engine whose time grows with the text alone (RE2); undefined for what it has not, such as lookaround, and
 * for what it reads in another way.
 */
function linearRegExp(pattern: string, size: number): LinearRegExp | undefined {
  const translated = re2Pattern(pattern);
  if (translated === undefined) return undefined;
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(translated));
    const maxLength = MAX_STEPS / Math.max(1, size);
    return { test: (text) => text.length > maxLength || compiled.test(text), toString: () => pattern };
  } catch {
    return undefined;
  }
}

/** Whether RE2 would take a pattern, but read it in another way than who wrote it. */
export function isOfOtherDialect(pattern: string): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH || patternSize(pattern) > MAX_PATTERN_SIZE || re2Pattern(pattern) !== undefined) return false;
  try {
    return Boolean(RE2JS.compile(RE2JS.translateRegExp(pattern)));
  } catch {
    return false;
  }
}

/** The patterns of one schema, each compiled once, together no larger than can be compiled at once. */
export class LinearPatterns {
  private readonly compiled = new Map<string, LinearRegExp | undefined>();
  private room = MAX_PATTERN_SIZE;

  /** The compiled pattern; undefined for one that is not supported. */
  get(pattern: string): LinearRegExp | undefined {
    if (!this.compiled.has(pattern)) this.compiled.set(pattern, this.compile(pattern));
    return this.compiled.get(pattern);
  }

  /** The engine for ajv's `code.regExp`; `withoutUnsupportedPatterns` leaves it none that is not supported. */
  readonly engine = Object.assign((pattern: string): LinearRegExp => this.get(pattern) ?? acceptAll(pattern), { code: 'linearPatterns' });

  private compile(pattern: string): LinearRegExp | undefined {
    if (pattern.length > MAX_PATTERN_LENGTH) return undefined;
    const size = patternSize(pattern);
    this.room -= size;
    return this.room < 0 ? undefined : linearRegExp(pattern, size);
  }
}

function acceptAll(pattern: string): LinearRegExp {
  return { test: () => true, toString: () => pattern };
}
