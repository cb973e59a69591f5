import { collectYoungGarbage } from '@app/mcp-transport';

/** By then the servers that answer quickly have been listed. */
const AFTER_MS = 2_000;

/**
 * Gives back what only the start needed, about 30 MB: V8 shrinks its heap some seconds after a collection, and a gateway that waits
 * for its first call has none. The collection is one of the young generation, which takes milliseconds.
 */
export function releaseStartMemory(): void {
  setTimeout(collectYoungGarbage, AFTER_MS).unref();
}
