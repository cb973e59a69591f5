import { placeOf, type TextPlace } from './text-place.js';

/** Where a text stops being JSON, and what was expected there; never a piece of the text itself. */
export interface JsonSyntaxError extends TextPlace {
  readonly message: string;
}

/** The first offence of `text` against RFC 8259; undefined exactly when JSON.parse takes it. Iterative, linear. */
export function syntaxErrorAt(text: string): JsonSyntaxError | undefined {
  const failure = new Reader(text).firstFailure();
  return failure && { ...placeOf(text, failure.index), message: failure.expected };
}

interface Failure {
  readonly index: number;
  readonly expected: string;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Reader {
  private at = 0;
  private failure: Failure | undefined;
  /** The closing bracket of each open array or object. */
  private readonly open: ('}' | ']')[] = [];

  constructor(private readonly text: string) {}

  firstFailure(): Failure | undefined {
    this.readValue();
    while (!this.failure && this.open.length > 0) this.readNextInside();
    if (!this.failure) {
      this.skip(SPACE);
      if (this.at < this.text.length) this.fail('expected the end of the text');
    }
    return this.failure;
  }

  /** A scalar, or the opening of an array or object with, unless it is empty, its first value. */
  private readValue(): void {
    for (;;) {
      this.skip(SPACE);
      const first = this.text[this.at];
      if (first === '{') {
        this.at += 1;
        this.open.push('}');
        if (this.closes('}') || !this.readKey('expected a property name in double quotes or "}"')) return;
      } else if (first === '[') {
        this.at += 1;
        this.open.push(']');
        if (this.closes(']')) return;
      } else return this.readScalar(first);
    }
  }

  /** After a value inside an array or object: the closing bracket, or a comma and the next value. */
  private readNextInside(): void {
    const closing = this.open[this.open.length - 1] as '}' | ']';
    if (this.closes(closing)) return;
    if (this.text[this.at] !== ',') return this.fail(`expected "," or "${closing}"`);
    this.at += 1;
    if (closing === ']' || this.readKey('expected a property name in double quotes')) this.readValue();
  }

  private readScalar(first: string | undefined): void {
    if (first === '"') this.readString();
    else if (!this.skip(NUMBER) && !this.skip(LITERAL)) this.fail('expected a value');
  }

  private readKey(expected: string): boolean {
    this.skip(SPACE);
    if (this.text[this.at] !== '"') this.fail(expected);
    else this.readString();
    if (this.failure) return false;
    this.skip(SPACE);
    if (this.text[this.at] !== ':') this.fail('expected ":"');
    else this.at += 1;
    return !this.failure;
  }

  private readString(): void {
    this.at += 1;
    for (;;) {
      this.skip(PLAIN_CHARACTERS);
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22) {
        this.at += 1;
        return;
      }
      if (code !== 0x5c)
        return this.fail(this.at < this.text.length ? 'expected a control character to be escaped' : 'expected the end of the string');
      if (!this.skip(ESCAPE)) return this.fail('expected a valid escape sequence');
    }
  }

  private closes(closing: '}' | ']'): boolean {
    this.skip(SPACE);
    if (this.text[this.at] !== closing) return false;
    this.at += 1;
    this.open.pop();
    return true;
  }

  /** Moves over what `pattern` matches here; false when it matches nothing at all. */
  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  private fail(expected: string): void {
    this.failure = { index: this.at, expected };
  }
}
