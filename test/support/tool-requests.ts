import { until } from './until.ts';

/** An answer of the gateway, read whole. */
export interface ToolAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** `POST /v1/tools/{name}`. */
export async function callTool(
  gateway: { readonly url: string },
  name: string,
  args: unknown = {},
  init: RequestInit = {},
): Promise<ToolAnswer> {
  const body = typeof args === 'string' ? args : JSON.stringify(args);
  const headers = { 'content-type': 'application/json', 'x-correlation-id': 'test-1', ...init.headers };
  const response = await fetch(`${gateway.url}/v1/tools/${name}`, { ...init, method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The names of the tools in `/openapi.json`, as they are now. */
export async function publishedTools(gateway: { readonly url: string }): Promise<string[]> {
  const response = await fetch(`${gateway.url}/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, unknown> };
  return Object.keys(paths).map((path) => path.slice('/v1/tools/'.length));
}

/** Resolves when the document has the tool. */
export async function untilPublished(gateway: { readonly url: string }, tool: string, withinMs?: number): Promise<void> {
  await until(`the document has ${tool}`, async () => (await publishedTools(gateway)).includes(tool), withinMs);
}

/** The error body of the gateway for the correlation id that {@link callTool} sends. */
export function errorOf(fields: Record<string, unknown>): unknown {
  return { error: { correlation_id: 'test-1', ...fields } };
}
