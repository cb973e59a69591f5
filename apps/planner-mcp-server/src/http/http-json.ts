import type { IncomingMessage, ServerResponse } from 'node:http';

/** A body that was not taken: its HTTP status, and JSON-RPC's code for it. */
interface BodyProblem {
  readonly status: 400 | 413;
  readonly code: number;
  readonly message: string;
}

type JsonBody = { readonly value: unknown } | { readonly problem: BodyProblem };

const PARSE_ERROR = -32700;
const SERVER_ERROR = -32000;

/** Reads a request's body as JSON; gives up at `maxBytes`. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<JsonBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { problem: { status: 413, code: SERVER_ERROR, message: `The body must not exceed ${maxBytes} bytes.` } };
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { problem: { status: 400, code: PARSE_ERROR, message: 'Parse error: Invalid JSON' } };
  }
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A JSON-RPC error that belongs to no request id, as the SDK's transport writes its own. */
export function sendRpcError(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  headers?: Record<string, string>,
): void {
  sendJson(response, status, { jsonrpc: '2.0', error: { code, message }, id: null }, headers);
}
