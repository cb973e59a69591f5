/** A client that sends its headers more slowly than this is cut off. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** So is one that sends its whole request more slowly. */
export const REQUEST_TIMEOUT_MS = 30_000;
