/** One HTTP exchange with the planner's endpoint, to the byte. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}/mcp`, { method: 'POST', headers: { ...HEADERS, ...headers }, body: text });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Opens a session; gives the headers that its requests carry. */
export async function openSession(url: string): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const { headers } = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const session = { 'mcp-session-id': headers.get('mcp-session-id') as string, 'mcp-protocol-version': '2025-11-25' };
  await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, session);
  return session;
}

export function toolCall(name: unknown, args?: unknown, id: number | string = 1) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, ...(args !== undefined && { arguments: args }) } };
}

/** The JSON-RPC message of an answer, whichever way it was sent. */
export function messageOf({ headers, text }: RawAnswer): { result?: Record<string, unknown>; error?: unknown } {
  const isStream = headers.get('content-type') === 'text/event-stream';
  const data = isStream ? (/^data: (.*)$/m.exec(text)?.[1] as string) : text;
  return JSON.parse(data);
}
