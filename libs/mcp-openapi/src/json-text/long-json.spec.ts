import { joined, LongJson, quoted } from './long-json.js';

const LONG = 300 * 1024;

/** As many characters as may be, or a few more. */
function long(text: string): string {
  return text.repeat(Math.ceil(LONG / text.length));
}

describe('[AC2][P5] JSON that is too long to be put together as a string', () => {
  it.each([
    ['plain text', 'x'],
    ['quotation marks, backslashes and ends of lines', 'He said: "C:\\temp"\n\t\u0000\u007f'],
    ['umlauts', 'Grüße'],
    ['characters of two units wherever a slice ends', '😀'],
    ['the same, a unit later', `-${long('😀')}`],
    ['halves of such characters', '-\ud83d-\ude00'],
    ['nothing but escapes', '\u0001'],
  ])('is the bytes that JSON.stringify has of %s', (_, piece) => {
    const text = long(piece);
    const body = joined([quoted(text)]) as LongJson;
    expect(body).toBeInstanceOf(LongJson);
    expect(body.toBytes().equals(Buffer.from(JSON.stringify(text)))).toBe(true);
    expect(body.toString()).toBe(JSON.stringify(text));
  });

  it('is a list of all its pieces, in their order', () => {
    const text = long('"');
    const body = joined(['[', quoted(text, 'data:'), ',', '{"n":1.0}', ']']) as LongJson;
    expect(body.toBytes().toString()).toBe(`[${JSON.stringify(`data:${text}`)},{"n":1.0}]`);
    expect(joined(['[', long('1'), ',', '2', ']'])).toBeInstanceOf(LongJson);
  });

  it('stands within other JSON, its own pieces changed as told', () => {
    const body = new LongJson(['[', quoted(long('\n')), ',', '\n1', ']']);
    const within = body.within('{"a":', '}', (json) => json.replaceAll('\n', ' '));
    expect(within.toBytes().toString()).toBe(`{"a":[${JSON.stringify(long('\n'))}, 1]}`);
  });

  it('is a string where it is short', () => {
    expect(joined([quoted('a"b')])).toBe('"a\\"b"');
    expect(joined(['[', '1', ']'])).toBe('[1]');
  });
});
