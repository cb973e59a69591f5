import { crc32, deflateSync } from 'node:zlib';

export type Rgb = readonly [red: number, green: number, blue: number];

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BIT_DEPTH = 8;
const PALETTE_COLOUR = 3;

/** Letters of 3 by 5 points, a row after the other: those that the chart writes. */
const GLYPHS: Readonly<Record<string, string>> = {
  '0': '111101101101111',
  '1': '010110010010111',
  '2': '111001111100111',
  '3': '111001111001111',
  '4': '101101111001001',
  '5': '111100111001111',
  '6': '111100111101111',
  '7': '111001001001001',
  '8': '111101111101111',
  '9': '111101111001111',
  D: '110101101101110',
  E: '111100110100111',
  G: '111100101101111',
  H: '101101111101101',
  I: '111010010010111',
  L: '100100100100111',
  M: '101111111101101',
  N: '111101101101101',
  O: '111101101101111',
  R: '110101110101101',
  T: '111010010010010',
  U: '101101101101111',
  W: '101101111111101',
};
const GLYPH_WIDTH = 3;
const POINT = 2;
const ADVANCE = (GLYPH_WIDTH + 1) * POINT;

/** A small picture of palette colours (the first is the background) that becomes a PNG (ISO/IEC 15948). */
export class PngCanvas {
  private readonly pixels: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    private readonly palette: readonly Rgb[],
  ) {
    this.pixels = new Uint8Array(width * height);
  }

  fillRect(x: number, y: number, width: number, height: number, colour: number): void {
    for (let row = y; row < y + height; row++) this.pixels.fill(colour, row * this.width + x, row * this.width + x + width);
  }

  /** Centred on x, y at its top; characters without a glyph stay blank. */
  textCentred(text: string, x: number, y: number, colour: number): void {
    const left = Math.round(x - (text.length * ADVANCE - POINT) / 2);
    [...text].forEach((letter, index) => this.glyph(GLYPHS[letter] ?? '', left + index * ADVANCE, y, colour));
  }

  toPng(): Buffer {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.width, 0);
    header.writeUInt32BE(this.height, 4);
    header.set([BIT_DEPTH, PALETTE_COLOUR], 8);
    return Buffer.concat([
      SIGNATURE,
      chunk('IHDR', header),
      chunk('PLTE', Buffer.from(this.palette.flat())),
      chunk('IDAT', deflateSync(this.scanlines())),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }

  private glyph(points: string, left: number, top: number, colour: number): void {
    [...points].forEach((point, index) => {
      const x = left + (index % GLYPH_WIDTH) * POINT;
      const y = top + Math.floor(index / GLYPH_WIDTH) * POINT;
      if (point === '1') this.fillRect(x, y, POINT, POINT, colour);
    });
  }

  /** Each row behind a filter byte, which stays 0: none. */
  private scanlines(): Uint8Array {
    const lines = new Uint8Array((this.width + 1) * this.height);
    for (let row = 0; row < this.height; row++) {
      lines.set(this.pixels.subarray(row * this.width, (row + 1) * this.width), row * (this.width + 1) + 1);
    }
    return lines;
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
