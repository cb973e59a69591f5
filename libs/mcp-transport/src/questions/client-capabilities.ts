import type { JsonObject } from '@app/mcp-openapi';

/**
 * What is declared when a session is opened. Older servers are told it once for all calls of a session; whether the caller of a call can
 * answer shows when it is asked. Roots are not among it: servers take them for the whole session, which callers share.
 */
export const SESSION_CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {} } as const satisfies JsonObject;
