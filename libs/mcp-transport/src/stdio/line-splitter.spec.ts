import { LineSplitter } from './line-splitter.js';

describe('LineSplitter', () => {
  const split = (maxLineBytes: number, ...chunks: Uint8Array[]) => {
    const lines: string[] = [];
    let tooLong = 0;
    const splitter = new LineSplitter(
      maxLineBytes,
      (line) => lines.push(line),
      () => (tooLong += 1),
    );
    for (const chunk of chunks) splitter.feed(Buffer.from(chunk));
    return { lines, tooLong };
  };

  it('gives the same lines wherever the bytes are cut', () => {
    const bytes = Buffer.from('{"text":"grün 🚀"}\n\n  \r\n{"a":1}\r\nhalf');
    const expected = { lines: ['{"text":"grün 🚀"}', '{"a":1}'], tooLong: 0 };
    for (let cut = 0; cut <= bytes.length; cut++) expect(split(100, bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(expected);
    expect(split(100, ...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('drops a line over the bound, says so once, and goes on', () => {
    const bytes = Buffer.from(`${'x'.repeat(10)}\n${'y'.repeat(11)}\n${'z'.repeat(10)}\n`);
    const expected = { lines: ['x'.repeat(10), 'z'.repeat(10)], tooLong: 1 };
    expect(split(10, bytes)).toEqual(expected);
    expect(split(10, ...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('keeps the ends of a line over the bound, wherever the bytes are cut', () => {
    const line = Buffer.from(`head${'x'.repeat(2_000)}tail`);
    const expected = { head: `head${'x'.repeat(508)}`, tail: `${'x'.repeat(508)}tail` };
    for (const size of [1, 7, 511, 512, 513, 4_000]) {
      const dropped: unknown[] = [];
      const splitter = new LineSplitter(
        1_000,
        () => undefined,
        (ends) => dropped.push(ends),
      );
      for (let start = 0; start < line.length; start += size) splitter.feed(line.subarray(start, start + size));
      expect(dropped).toEqual([]);
      splitter.feed(Buffer.from('\n'));
      expect(dropped).toEqual([expected]);
    }
  });
});
