/**
 * What a body holds, up to `maxBytes`. A longer one is cut after the piece that reaches beyond them or, with `tooLong`, has this reject with
 * that. The rest is not read: leaving the loop cancels it.
 */
export async function readUpTo(body: AsyncIterable<Uint8Array> | null, maxBytes: number, tooLong?: () => Error): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) continue;
    if (tooLong) throw tooLong();
    break;
  }
  return Buffer.concat(chunks);
}
