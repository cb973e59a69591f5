import { SseReader } from './sse-reader.js';

describe('SseReader', () => {
  const read = (...chunks: Uint8Array[]) => {
    const data: string[] = [];
    const reader = new SseReader((text) => data.push(text));
    for (const chunk of chunks) reader.feed(chunk);
    return { data, lastEventId: reader.lastEventId };
  };

  const EVENTS = [
    '\ufeff: keep-alive',
    '',
    'event: message',
    'id: 1',
    'data: {"text":"grün 🚀"}',
    '',
    'id: 2',
    'data:',
    '',
    'data: {',
    'data:   "a": 1',
    'data:}',
    '',
    'id: 9',
    '',
    'retry: 10',
    '',
    'data: last',
    'id: 3',
    '',
    '',
  ];
  const EXPECTED = { data: ['{"text":"grün 🚀"}', '{\n  "a": 1\n}', 'last'], lastEventId: '3' };

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('reads the same events wherever the bytes are cut, with %s', (_, lineBreak) => {
    const bytes = Buffer.from(EVENTS.join(lineBreak));
    expect(read(bytes)).toEqual(EXPECTED);
    for (let cut = 1; cut < bytes.length; cut++)
      expect({ cut, ...read(bytes.subarray(0, cut), bytes.subarray(cut)) }).toEqual({ cut, ...EXPECTED });
    expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(EXPECTED);
  });

  it('knows the id of an event without data, once its empty line is there, and none that no header can hold', () => {
    expect(read(Buffer.from('id: 1\n\nid: 2\n')).lastEventId).toBe('1');
    expect(read(Buffer.from('id: 1\n\nid: 2\n\n')).lastEventId).toBe('2');
    expect(read(Buffer.from('id: grün 🚀\n\n')).lastEventId).toBe('grün 🚀');
    for (const id of [`\u0001`, 'a\u0085', 'x'.repeat(1_001), ''])
      expect(read(Buffer.from(`id: 1\n\nid: ${id}\n\n`)).lastEventId).toBeUndefined();
  });

  it('gives no event before its empty line', () => {
    expect(read(Buffer.from('data: half\n')).data).toEqual([]);
  });
});
