/** So long what one server sends may hold the event loop before others have their turn. */
export const SLICE_MS = 5;
/** Whoever was idle for so long has left others their turn. */
export const IDLE_MS = 1;
