import { JoinedPieces } from './joined-pieces.js';

const PIECE = Buffer.alloc(64 * 1024, 'x');
const COUNT = 20 * 16;
const MB = 1024 * 1024;

const heldMb = () => process.memoryUsage().arrayBuffers / MB;

describe('[AC3][P5] bytes that come in pieces', () => {
  it('hold the room that they are in and none that they have outgrown, and none as a text', () => {
    const before = heldMb();
    const pieces = new JoinedPieces();
    for (let count = 0; count < COUNT; count += 1) pieces.add(PIECE);
    expect(pieces.room).toBeLessThanOrEqual(25 * MB);
    expect(heldMb() - before).toBeLessThanOrEqual(26);
    expect(pieces.takeText()).toHaveLength(COUNT * PIECE.length);
    expect(heldMb() - before).toBeLessThanOrEqual(1);
  });

  it('are one text, whatever they cut through, and the next ones another', () => {
    const pieces = new JoinedPieces();
    expect(pieces.takeText()).toBe('');
    for (const text of ['zwölf Euro: 12 €', 'x', '']) {
      for (const byte of Buffer.from(text)) pieces.add(Buffer.of(byte));
      expect(pieces.takeText()).toBe(text);
    }
  });

  it('are given as they are, and stay so whatever comes after them', () => {
    const pieces = new JoinedPieces();
    pieces.add(Buffer.from('first'));
    const first = pieces.take();
    for (let count = 0; count < 3; count += 1) pieces.add(PIECE);
    expect(pieces.takeText()).toHaveLength(3 * PIECE.length);
    expect(first.toString()).toBe('first');
  });
});
