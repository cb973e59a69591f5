import { bytesToText } from './long-text.js';

const LONG = 300 * 1024;

describe('[AC2][P5] the text of bytes', () => {
  it.each([
    ['nothing', ''],
    ['ASCII', 'x'],
    ['the first and the last of Latin-1', '\u007f\u0080\u00bf\u00c0\u00ffGrüße'],
    ['an umlaut and what is beyond Latin-1', 'üĀ日😀'],
    ['a byte order mark', '\ufeffü'],
  ])('is what Node decodes: %s', (_, piece) => {
    const text = piece.repeat(LONG / (piece.length || 1));
    expect(bytesToText(Buffer.from(text)) === text).toBe(true);
    expect(bytesToText(Buffer.from(piece))).toBe(piece);
  });

  it.each([
    ['cut off', [0xc3]],
    ['without its second byte', [0xc3, 0x28]],
    ['longer than need be', [0xc0, 0x80]],
    ['without its first byte', [0xa9]],
    ['not of UTF-8', [0xff]],
  ])('has what Node has for a character that is %s', (_, end) => {
    const bytes = Buffer.concat([Buffer.from('ü'.repeat(LONG)), Buffer.from(end)]);
    expect(bytesToText(Buffer.from(bytes)) === bytes.toString()).toBe(true);
  });
});
