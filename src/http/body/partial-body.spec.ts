import { BodyMemory, PartialBody } from './partial-body.js';

describe('a body that comes in pieces', () => {
  it('is what came, whatever the pieces', () => {
    const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 251));
    for (const size of [1, 7, 4_095, 4_096, 4_097, 49_999]) {
      const body = new PartialBody(new BodyMemory(), 60_000);
      for (let at = 0; at < bytes.length; at += size) expect(body.add(bytes.subarray(at, at + size))).toBe(true);
      expect(body.length).toBe(bytes.length);
      expect(body.take().equals(bytes)).toBe(true);
    }
  });

  it('holds no more than twice itself, never more than its bound, and nothing when it is over', () => {
    const memory = new BodyMemory(10_000);
    const isFree = (bytes: number) => memory.take(bytes) && (memory.release(bytes), true);
    const body = new PartialBody(memory, 9_000);
    body.add(Buffer.alloc(1));
    expect([isFree(10_000 - 4_096), isFree(10_000 - 4_095)]).toEqual([true, false]);
    body.add(Buffer.alloc(4_096));
    expect([isFree(10_000 - 8_192), isFree(10_000 - 8_191)]).toEqual([true, false]);
    body.add(Buffer.alloc(4_096));
    expect([isFree(1_000), isFree(1_001)]).toEqual([true, false]);
    body.release();
    body.release();
    body.add(Buffer.alloc(500));
    expect([isFree(10_000), isFree(10_001)]).toEqual([true, false]);
  });

  it('is not kept where others leave no room, and is when they are over', () => {
    const memory = new BodyMemory(8_192);
    const [first, second, third] = Array.from({ length: 3 }, () => new PartialBody(memory, 8_192)) as [
      PartialBody,
      PartialBody,
      PartialBody,
    ];
    expect([first.add(Buffer.alloc(1)), second.add(Buffer.alloc(1)), third.add(Buffer.alloc(1))]).toEqual([true, true, false]);
    first.take();
    expect([third.add(Buffer.alloc(1)), second.add(Buffer.alloc(4_096))]).toEqual([true, false]);
  });
});
