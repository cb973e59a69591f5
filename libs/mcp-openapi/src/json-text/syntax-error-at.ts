import { placeOf, type TextPlace } from './text-place.js';

/** Where a text stops being JSON, and what was expected there; never a piece of the text itself. */
interface JsonSyntaxError extends TextPlace {
  readonly message: string;
}

/** The first offence of `text` against RFC 8259; undefined exactly when JSON.parse takes it. Iterative, linear, nothing is built or thrown. */
export function syntaxErrorAt(text: string): JsonSyntaxError | undefined {
  const reader = new Reader(text);
  return reader.isJson() ? undefined : { ...placeOf(text, reader.at), message: reader.expected };
}

/** V8 reads a short text several times as fast as we do, and builds what it says; throwing is dear, so that only likely texts are tried. */
const MAX_TRIED_LENGTH = 64 * 1024;

/** Is `text` a JSON text? Plain prose is told by its first and last character. */
export function isJsonText(text: string): boolean {
  let end = text.length - 1;
  while (isSpace(text.charCodeAt(end))) end -= 1;
  const last = text.charCodeAt(end);
  if (!mayEndJson(last)) return false;
  const isLikely = text.length <= MAX_TRIED_LENGTH && (text.startsWith('{"') || text.startsWith('[')) && (last === 0x7d || last === 0x5d);
  return isLikely ? canBeParsed(text) : new Reader(text).isJson();
}

function canBeParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A quote, a closing bracket, a digit, or the last letter of a literal. */
function mayEndJson(code: number): boolean {
  return code === 0x22 || code === 0x7d || code === 0x5d || isDigit(code) || code === 0x65 || code === 0x6c;
}

/** Reads a text by its grammar. A method that reads says whether it could; where it could not, `at` and `expected` tell. */
class Reader {
  at = 0;
  expected = '';
  /** Of each open bracket, whether it is an object's. */
  private readonly open: boolean[] = [];

  constructor(private readonly text: string) {}

  isJson(): boolean {
    if (!this.readValue()) return false;
    while (this.open.length > 0) if (!this.readNext()) return false;
    this.skipSpace();
    return this.at === this.text.length || this.fail('expected the end of the text');
  }

  /** A scalar, an empty array or object, or the opening of one up to its first scalar. */
  private readValue(): boolean {
    for (;;) {
      this.skipSpace();
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x7b && code !== 0x5b) return this.readScalar(code);
      this.at += 1;
      this.open.push(code === 0x7b);
      if (this.closes()) return true;
      if (code === 0x7b && !this.readKey('expected a property name in double quotes or "}"')) return false;
    }
  }

  /** After a value inside an array or object: the closing bracket, or a comma and the next value. */
  private readNext(): boolean {
    const isObject = this.open[this.open.length - 1] === true;
    if (this.closes()) return true;
    if (this.text.charCodeAt(this.at) !== 0x2c) return this.fail(isObject ? 'expected "," or "}"' : 'expected "," or "]"');
    this.at += 1;
    if (isObject && !this.readKey('expected a property name in double quotes')) return false;
    return this.readValue();
  }

  private closes(): boolean {
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== (this.open[this.open.length - 1] ? 0x7d : 0x5d)) return false;
    this.at += 1;
    this.open.pop();
    return true;
  }

  private readKey(expected: string): boolean {
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== 0x22) return this.fail(expected);
    if (!this.readString()) return false;
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== 0x3a) return this.fail('expected ":"');
    this.at += 1;
    return true;
  }

  private readScalar(code: number): boolean {
    if (code === 0x22) return this.readString();
    if (code === 0x2d || isDigit(code)) return this.readNumber();
    if (code === 0x74) return this.readLiteral('true');
    if (code === 0x66) return this.readLiteral('false');
    if (code === 0x6e) return this.readLiteral('null');
    return this.fail('expected a value');
  }

  private readLiteral(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return this.fail('expected a value');
    this.at += literal.length;
    return true;
  }

  private readString(): boolean {
    const { text } = this;
    for (let at = this.at + 1; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.at = at + 1;
        return true;
      }
      if (code === 0x5c) {
        const length = escapeLength(text, at);
        if (length === 0) return this.fail('expected a valid escape sequence', at);
        at += length - 1;
      } else if (!(code >= 0x20)) {
        return this.fail(at < text.length ? 'expected a control character to be escaped' : 'expected the end of the string', at);
      }
    }
  }

  private readNumber(): boolean {
    if (this.text.charCodeAt(this.at) === 0x2d) this.at += 1;
    if (this.text.charCodeAt(this.at) === 0x30) this.at += 1;
    else if (!this.readDigits()) return false;
    if (this.text.charCodeAt(this.at) === 0x2e) {
      this.at += 1;
      if (!this.readDigits()) return false;
    }
    if ((this.text.charCodeAt(this.at) | 0x20) !== 0x65) return true;
    this.at += 1;
    const sign = this.text.charCodeAt(this.at);
    if (sign === 0x2b || sign === 0x2d) this.at += 1;
    return this.readDigits();
  }

  private readDigits(): boolean {
    const start = this.at;
    while (isDigit(this.text.charCodeAt(this.at))) this.at += 1;
    return this.at > start || this.fail('expected a digit');
  }

  private skipSpace(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at += 1;
  }

  private fail(expected: string, at = this.at): false {
    this.expected = expected;
    this.at = at;
    return false;
  }
}

/** The length of the escape sequence at `at`, 0 when it is none (RFC 8259 section 7). */
function escapeLength(text: string, at: number): number {
  const code = text.charCodeAt(at + 1);
  if (code !== 0x75) return '"\\/bfnrt'.includes(text.charAt(at + 1)) && at + 1 < text.length ? 2 : 0;
  for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(text.charCodeAt(digit))) return 0;
  return 6;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
