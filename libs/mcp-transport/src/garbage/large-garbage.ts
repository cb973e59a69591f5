import { collectYoungGarbage } from './collect-garbage.js';

/** After so many bytes in all. A collection takes some milliseconds, and so many bytes of an answer several times that. */
const COLLECT_AFTER_BYTES = 4 * 1024 * 1024;

let bytes = 0;

/**
 * So many bytes of something large have become garbage: pieces that were joined, an answer that was made. It is collected while it is young:
 * V8 sees buffers as small, and lets as much as came, and hundreds of megabytes where many large answers come at once, lie beside it.
 */
export function leaveLargeGarbage(more: number): void {
  const before = bytes;
  bytes += more;
  if (before < COLLECT_AFTER_BYTES && bytes >= COLLECT_AFTER_BYTES) setImmediate(collect);
}

function collect(): void {
  bytes = 0;
  collectYoungGarbage();
}
