import { modelFailed } from '../openai-error.js';

/** What is read of an error. */
export const MAX_ERROR_BYTES = 64 * 1024;

/** All of a body, or, with `cut`, its beginning; rejects for one that is longer. Leaving the loop cancels the rest. */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLong: 'refuse' | 'cut' = 'refuse',
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) continue;
    if (tooLong === 'cut') break;
    throw modelFailed(`The model's server answered more than ${maxBytes} bytes.`);
  }
  return Buffer.concat(chunks);
}
