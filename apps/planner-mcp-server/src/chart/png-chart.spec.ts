import { crc32, inflateSync } from 'node:zlib';
import { priorityChart } from './png-chart.js';

/** Reads a PNG by the standard, apart from the code under test: chunks with their checksums, then the pixels. */
function decode(png: Buffer) {
  expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR') as Buffer;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const lines = inflateSync(chunks.get('IDAT') as Buffer);
  expect(lines).toHaveLength((width + 1) * height);
  const pixel = (x: number, y: number) => lines[y * (width + 1) + 1 + x] as number;
  const colour = (x: number, y: number) => [...(chunks.get('PLTE') as Buffer).subarray(pixel(x, y) * 3, pixel(x, y) * 3 + 3)];
  return { width, height, colour };
}

describe('priorityChart', () => {
  const none = { open: 0, completed: 0 };
  const white = [255, 255, 255];
  const columnHeight = ({ colour }: ReturnType<typeof decode>, x: number, wanted: number[]) =>
    Array.from({ length: 144 }, (_, y) => colour(x, y)).filter((found) => found.join() === wanted.join()).length;

  it('draws bars as high as the counts, the completed part grey', () => {
    const chart = decode(
      priorityChart({ low: { open: 1, completed: 0 }, medium: { open: 1, completed: 3 }, high: none, urgent: { open: 2, completed: 0 } }),
    );
    expect([chart.width, chart.height]).toEqual([320, 168]);
    expect(columnHeight(chart, 20, [106, 168, 79])).toBe(30);
    expect(columnHeight(chart, 100, [61, 133, 198])).toBe(30);
    expect(columnHeight(chart, 100, [190, 190, 190])).toBe(90);
    expect(columnHeight(chart, 180, white)).toBe(144);
    expect(columnHeight(chart, 260, [204, 0, 0])).toBe(60);
  });

  it('draws an empty plan', () => {
    const chart = decode(priorityChart({ low: none, medium: none, high: none, urgent: none }));
    expect(columnHeight(chart, 20, white)).toBe(144);
  });
});
