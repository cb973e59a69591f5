import { createHash } from 'node:crypto';

/** A piece of a document as bytes. */
export interface DocumentPart {
  readonly bytes: Buffer;
  /** Their SHA-256, or themselves where they are no longer than one. */
  readonly digest: Buffer;
}

const DIGEST_BYTES = 32;

/** The part for a text. */
export function toPart(text: string): DocumentPart {
  const bytes = Buffer.from(text);
  return { bytes, digest: bytes.length <= DIGEST_BYTES ? bytes : createHash('sha256').update(bytes).digest() };
}
