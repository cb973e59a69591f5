import { readUpTo } from '@app/mcp-transport';
import { modelFailed } from '../openai-error.js';

/** What is read of an error. */
export const MAX_ERROR_BYTES = 64 * 1024;

/** All of a body, or, with `cut`, its beginning; rejects for one that is longer. */
export function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number, tooLong: 'refuse' | 'cut' = 'refuse'): Promise<Buffer> {
  const refusal = () => modelFailed(`The model's server answered more than ${maxBytes} bytes.`);
  return readUpTo(body, maxBytes, tooLong === 'refuse' ? refusal : undefined);
}
