import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes a text so often, as quickly as it is taken; ends early where nobody reads any more. */
export async function pour(stream: Writable, text: string, times: number): Promise<void> {
  const many = text.repeat(1_000);
  for (let sent = 0; sent < times && !stream.destroyed; sent += 1_000) if (!stream.write(many)) await drained(stream);
}

/** Resolves when what was written is taken, or nobody reads any more. */
export async function drained(stream: Writable): Promise<void> {
  const gone = new AbortController();
  const stop = () => gone.abort();
  stream.once('close', stop);
  await once(stream, 'drain', { signal: gone.signal }).catch(() => undefined);
  stream.off('close', stop);
}
