import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Slices, visitEach } from '@app/mcp-openapi';
import { EventLoopYield } from '../event-loop/event-loop-yield.js';
import type { DocumentPart } from './document-part.js';

const compress = promisify(gzip);

/** A JSON document as bytes, made once and served many times. */
export class CachedDocument {
  /** A strong validator (RFC 9110 8.8.3) of the bytes; the compressed form has its own. */
  readonly etag: string;
  private compressed: Promise<Buffer> | undefined;

  private constructor(
    readonly bytes: Buffer,
    digests: Buffer,
  ) {
    this.etag = `"${createHash('sha256').update(digests).digest('base64url').slice(0, 22)}"`;
  }

  /** The parts, one after another. Their digests stand for their bytes, so that a large document need not be read again for its tag. */
  static async of(parts: readonly DocumentPart[]): Promise<CachedDocument> {
    const yielding = new EventLoopYield();
    const bytes = await yielding.through(joined(parts.map(({ bytes }) => bytes)));
    return new CachedDocument(bytes, await yielding.through(joined(parts.map(({ digest }) => digest))));
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

function* joined(buffers: readonly Buffer[]): Slices<Buffer> {
  const all = Buffer.allocUnsafe(buffers.reduce((length, buffer) => length + buffer.length, 0));
  let at = 0;
  yield* visitEach(buffers, (buffer) => (at += buffer.copy(all, at)));
  return all;
}
