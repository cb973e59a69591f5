import { createHash } from 'node:crypto';

/** A piece of a document as bytes, with their SHA-256. */
export interface DocumentPart {
  readonly bytes: Buffer;
  readonly digest: Buffer;
}

/** The part for a text. */
export function toPart(text: string): DocumentPart {
  const bytes = Buffer.from(text);
  return { bytes, digest: createHash('sha256').update(bytes).digest() };
}
