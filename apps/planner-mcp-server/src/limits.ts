/** Characters in a title, a search or an assignee's name. */
export const MAX_TITLE_CHARS = 200;
/** Tasks in all plans together. */
export const MAX_TASKS = 10_000;
export const MAX_PLANS = 100;
export const MAX_BUCKETS_PER_PLAN = 20;
export const MAX_ASSIGNEES = 20;
export const MAX_TASKS_PER_IMPORT = 1_000;
/** The longest pause that import_tasks makes after a task. */
export const MAX_IMPORT_DELAY_MS = 10_000;
/** Tasks in one answer of search_tasks. */
export const MAX_SEARCH_HITS = 100;

/** Bytes of one HTTP request's body: an import of the greatest size fits. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** MCP sessions over HTTP at once; one more closes the longest idle one. */
export const MAX_SESSIONS = 1_000;
/** A session without an open request or stream is closed after this time. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** How long an end waits for the calls in flight before it cancels them. */
export const DRAIN_MS = 1_000;
