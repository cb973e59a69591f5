import fc from 'fast-check';
import {
  duplicateKeyAt,
  elementTexts,
  exceedsDepth,
  isJsonText,
  memberText,
  syntaxErrorAt,
  topLevelMembers,
  uniqueMemberText,
} from './index.js';

const numRuns = Number(process.env['FAST_CHECK_RUNS'] ?? 4_000);

describe('syntaxErrorAt', () => {
  it.each([
    ['{"a":}', 1, 6, 'expected a value'],
    ['{"a":1,}', 1, 8, 'expected a property name in double quotes'],
    ["{'a':1}", 1, 2, 'expected a property name in double quotes or "}"'],
    ['{"a" 1}', 1, 6, 'expected ":"'],
    ['{"a":1 "b":2}', 1, 8, 'expected "," or "}"'],
    ['[1 2]', 1, 4, 'expected "," or "]"'],
    ['[1,]', 1, 4, 'expected a value'],
    ['{\n  "title": "x",\n  "due": tomorrow\n}', 3, 10, 'expected a value'],
    ['{\r\n"a":\r\n?}', 3, 1, 'expected a value'],
    ['"😀😀', 1, 4, 'expected the end of the string'],
    ['["😀", x]', 1, 7, 'expected a value'],
    ['"a\nb"', 1, 3, 'expected a control character to be escaped'],
    ['"\\x"', 1, 2, 'expected a valid escape sequence'],
    ['"\\u12g4"', 1, 2, 'expected a valid escape sequence'],
    ['01', 1, 2, 'expected the end of the text'],
    ['-', 1, 2, 'expected a digit'],
    ['1.', 1, 3, 'expected a digit'],
    ['1e+', 1, 4, 'expected a digit'],
    ['{} x', 1, 4, 'expected the end of the text'],
    ['', 1, 1, 'expected a value'],
    ['tru', 1, 1, 'expected a value'],
    ['\ufeff{}', 1, 1, 'expected a value'],
  ])('[E10] %j fails at line %d, column %d: %s', (text, line, column, message) => {
    expect(syntaxErrorAt(text)).toEqual({ line, column, message });
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  it('[E10] reports an error exactly where JSON.parse throws, for thousands of mutated texts, and never a piece of the text', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '0',
      '1',
      '-',
      '.',
      'e',
      '+',
      ' ',
      '\n',
      '\t',
      'true',
      'nul',
      'null',
      '\\u00',
      'é',
      '😀',
      '\u0000',
      '\uD800',
    );
    const mutated = fc
      .tuple(fc.json({ maxDepth: 4 }), fc.array(fc.tuple(fc.nat(200), fc.nat(3), fc.oneof(pieces, fc.constant(''))), { maxLength: 3 }))
      .map(([text, edits]) =>
        edits.reduce((edited, [at, removed, added]) => edited.slice(0, at) + added + edited.slice(at + removed), text),
      );
    let broken = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.array(pieces, { maxLength: 8 }).map((each) => each.join('')),
        ),
        (text) => {
          const error = syntaxErrorAt(text);
          expect(error === undefined).toBe(parses(text));
          expect(isJsonText(text)).toBe(parses(text));
          if (!error) return;
          broken += 1;
          expect(error.message).toMatch(/^expected [a-z ",:}\]]+$/i);
          expect(error.line >= 1 && error.column >= 1).toBe(true);
        },
      ),
      { numRuns },
    );
    expect(broken).toBeGreaterThan(numRuns / 5);
  });

  it('[E10] reads a megabyte of brackets without recursion', () => {
    expect(syntaxErrorAt('['.repeat(1_000_000))).toEqual({ line: 1, column: 1_000_001, message: 'expected a value' });
    expect(syntaxErrorAt('[{"a":'.repeat(100_000) + '1' + '}]'.repeat(100_000))).toBeUndefined();
  });
});

describe('isJsonText', () => {
  it.each(['{}', ' [1] \n', '"a"', '-1.5e3', '0', 'true', 'null', '{"a":[{"b":null}]}'])('[AC2] %j is JSON', (text) =>
    expect(isJsonText(text)).toBe(true),
  );
  it.each(['', ' ', 'done', 'The task is true', '[INFO] ok', '[INFO] ok]', '{a}', '1 2', '1.2.3', 'nul', 'truee', '"a" or "b"'])(
    '[AC2] %j is prose',
    (text) => expect(isJsonText(text)).toBe(false),
  );
});

describe('uniqueMemberText', () => {
  it.each([
    ['{"params":{"name":"a","arguments":{"n":1.0},"_meta":{}}}', ['params', 'arguments'], '{"n":1.0}'],
    [' { "jsonrpc" : "2.0" , "params" : { "arguments" : [ "}" ] } , "arguments":1}', ['params', 'arguments'], '[ "}" ]'],
    ['{"params":{"par\\u0061ms":{"arguments":1},"arguments":2}}', ['params', 'arguments'], '2'],
    ['{"p\\u0061rams":{"\\u0061rguments":2}}', ['params', 'arguments'], '2'],
    ['{"a":"\\\\","b":"x\\\\\\"y"}', ['b'], '"x\\\\\\"y"'],
    ['{"params":"arguments"}', ['params', 'arguments'], undefined],
    ['{"params":{}}', ['params', 'arguments'], undefined],
    ['[{"params":{"arguments":1}}]', ['params', 'arguments'], undefined],
    ['{"arguments":1}', ['params', 'arguments'], undefined],
  ])('[AC2] in %s %j is %j', (text, path, raw) => {
    expect(uniqueMemberText(text, ...path)).toBe(raw);
  });
});

describe('memberText', () => {
  it.each([
    ['{"a":1.0,"b":12345678901234567890}', 'b', '12345678901234567890'],
    [' { "a" : [ 1 , {"b":"}"} ] , "b" : 2 } ', 'a', '[ 1 , {"b":"}"} ]'],
    ['{"a":"x\\"y\\\\","b":"\\\\\\""}', 'b', '"\\\\\\""'],
    ['{"a":{"b":1}}', 'b', undefined],
    ['{"a":1,"a":2}', 'a', '2'],
    ['{"\\u0061":1}', 'a', '1'],
    ['{"ab":1}', 'a', undefined],
    ['{"__proto__":1}', '__proto__', '1'],
    ['{"a":true}', 'a', 'true'],
    ['{"a\\\\":1}', 'a\\', '1'],
    ['{}', 'a', undefined],
    ['[1]', 'a', undefined],
    ['"a"', 'a', undefined],
  ])('[AC2] in %s the member %j is %j', (text, key, raw) => {
    expect(memberText(text, key)).toBe(raw);
  });

  it('[AC2] finds each member and element of any JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const members = topLevelMembers(text);
        expect([...members.keys()].sort()).toEqual(Object.keys(JSON.parse(text) as object).sort());
        for (const [key, raw] of members) {
          expect(raw).toBe(memberText(text, key));
          expect(raw).toBe(uniqueMemberText(text, key));
          expect(JSON.parse(raw)).toEqual((JSON.parse(text) as Record<string, unknown>)[key]);
        }
        const list = Object.values(value);
        expect(elementTexts(JSON.stringify(list, null, indent)).map((raw) => JSON.parse(raw) as unknown)).toEqual(
          JSON.parse(JSON.stringify(list)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('[AC2] gives the elements of an array as they were written', () => {
    expect(elementTexts(' [ 1.0 , "a,]" , {"b":[2]} ,[ ] ] ')).toEqual(['1.0', '"a,]"', '{"b":[2]}', '[ ]']);
    expect(elementTexts('[]')).toEqual([]);
    expect(elementTexts('{"a":1}')).toEqual([]);
  });
});

describe('duplicateKeyAt', () => {
  it.each([
    ['{"a":1,"a":2}', { line: 1, column: 8 }],
    ['{"a":1,\n "b":{"c":1,"c":2}}', { line: 2, column: 13 }],
    ['{"a":1,"\\u0061":2}', { line: 1, column: 8 }],
    ['{"a":1,"a":"\\u003a"}', { line: 1, column: 8 }],
    ['{"__proto__":1,"__proto__":2}', { line: 1, column: 16 }],
    ['[{"a":1},{"a":2}]', undefined],
    ['{"a":{"a":{"a":1}}}', undefined],
    ['{"a":":","b:":"::"}', undefined],
    ['{"a":"\\u003a"}', undefined],
    ['{}', undefined],
    ['{"a":["a","a"]}', undefined],
  ])('[S4] %s has its first repeated key at %j', (text, place) => {
    expect(duplicateKeyAt(text, JSON.parse(text))).toEqual(place);
    expect(duplicateKeyAt(text)).toEqual(place);
  });

  it('[S4] finds any key that is repeated', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 4 }),
        fc.nat(),
        fc.jsonValue(),
        (value, pick, again) => {
          const text = JSON.stringify(value);
          expect(duplicateKeyAt(text, JSON.parse(text))).toBeUndefined();
          const key = Object.keys(value)[pick % Object.keys(value).length] as string;
          const repeated = `${text.slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(again)}}`;
          expect(duplicateKeyAt(repeated, JSON.parse(repeated))).toBeDefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('exceedsDepth', () => {
  it.each([
    ['[[]]', 2, false],
    ['[[[]]]', 2, true],
    ['{"a":[{}]}', 2, true],
    ['"[[[["', 1, false],
    ['[],[],[]', 1, false],
    [`${'['.repeat(200_000)}`, 64, true],
    ['"[[[ never ends', 1, false],
  ])('[S4] %.12s deeper than %d is %s', (text, max, exceeds) => {
    expect(exceedsDepth(text, max)).toBe(exceeds);
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
