import { isAscii } from 'node:buffer';

/** From here on it is worth a look at each byte. */
const LONG_BYTES = 256 * 1024;

/**
 * The text of UTF-8, whose bytes are of no use afterwards. V8 holds what Node decodes of it in two bytes a character, plain ASCII apart: a long
 * text of Latin-1 characters, as most of western Europe is, gets one.
 */
export function bytesToText(bytes: Buffer): string {
  if (bytes.length < LONG_BYTES || isAscii(bytes) || !isOfLatin1(bytes)) return bytes.toString();
  return bytes.toString('latin1', 0, intoLatin1(bytes));
}

/** Whether all characters are ASCII or U+0080 to U+00FF, whose two bytes begin with 0xC2 or 0xC3. */
function isOfLatin1(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte < 0x80) continue;
    at += 1;
    if ((byte !== 0xc2 && byte !== 0xc3) || ((bytes[at] ?? 0) & 0xc0) !== 0x80) return false;
  }
  return true;
}

/** In their own place; gives their number. */
function intoLatin1(bytes: Buffer): number {
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) at += 1;
    bytes[length++] = byte < 0x80 ? byte : ((byte & 0x03) << 6) | ((bytes[at] as number) & 0x3f);
  }
  return length;
}
