import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DocumentPart } from './document-part.js';

const compress = promisify(gzip);

/** A JSON document as bytes, made once and served many times. */
export class CachedDocument {
  readonly bytes: Buffer;
  /** A strong validator (RFC 9110 8.8.3) of the bytes; the compressed form has its own. */
  readonly etag: string;
  private compressed: Promise<Buffer> | undefined;

  /** The parts, one after another. Their digests stand for their bytes, so that a large document need not be read again for its tag. */
  constructor(parts: readonly DocumentPart[]) {
    this.bytes = Buffer.concat(parts.map(({ bytes }) => bytes));
    const digests = Buffer.concat(parts.map(({ digest }) => digest));
    this.etag = `"${createHash('sha256').update(digests).digest('base64url').slice(0, 22)}"`;
  }

  get gzipEtag(): string {
    return `${this.etag.slice(0, -1)}-gzip"`;
  }

  /** Compressed the first time somebody asks for it. */
  gzipped(): Promise<Buffer> {
    this.compressed ??= compress(this.bytes);
    return this.compressed;
  }
}
