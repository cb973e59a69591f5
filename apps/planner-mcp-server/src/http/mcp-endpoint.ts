import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest, isJSONRPCRequest, type RequestId } from '@modelcontextprotocol/sdk/types.js';
import { CallGate } from './call-gate.js';
import { isAllowedHost } from './host-check.js';
import { readJson, sendJson, sendRpcError } from './http-json.js';
import { type HttpSession, HttpSessions } from './http-sessions.js';
import { MAX_BODY_BYTES, MAX_SESSIONS, SESSION_IDLE_MS } from '../limits.js';
import { createMcpServer } from '../mcp-server.js';
import { asOneWrite } from '../one-write.js';
import type { Settings } from '../settings.js';
import type { ToolCalls } from '../calls/tool-calls.js';

const PATH = '/mcp';
/** For probes, which name the server as they like. */
const HEALTH_PATH = '/health';
const SERVER_ERROR = -32000;
const SESSION_NOT_FOUND = -32001;
const INTERNAL_ERROR = -32603;
const FULL_RETRY_SECONDS = '5';

/** The streamable HTTP endpoint with sessions: which requests reach which SDK transport, and which none. */
export class McpEndpoint {
  private readonly sessions = new HttpSessions(MAX_SESSIONS, SESSION_IDLE_MS);
  private readonly gate: CallGate;
  private readonly sweep: NodeJS.Timeout;

  constructor(
    private readonly calls: ToolCalls,
    private readonly settings: Settings,
  ) {
    this.gate = new CallGate(settings);
    this.sweep = setInterval(() => void this.sessions.closeIdle(), SESSION_IDLE_MS / 10).unref();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.route(request, response);
    } catch (error) {
      process.stderr.write(`planner: ${request.method} ${PATH} failed: ${(error as Error).stack}\n`);
      if (response.headersSent) response.destroy();
      else sendRpcError(response, 500, INTERNAL_ERROR, 'Internal error');
    }
  }

  async close(): Promise<void> {
    clearInterval(this.sweep);
    await this.sessions.closeAll();
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (path === HEALTH_PATH) return sendJson(response, 200, { status: 'ok' });
    if (path !== PATH) return sendJson(response, 404, { error: 'not_found', message: `The MCP endpoint is ${PATH}.` });
    if (!isAllowedHost(request, this.settings.allowedHosts))
      return sendRpcError(response, 403, SERVER_ERROR, 'Host or Origin is not allowed');
    if (request.method === 'POST') return this.post(request, response);
    if (request.method === 'GET' || request.method === 'DELETE') return this.pass(request, response);
    return sendRpcError(response, 405, SERVER_ERROR, 'Method not allowed.', { allow: 'GET, POST, DELETE' });
  }

  /** The stream of a session, or its end. */
  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.sessionOf(request, response);
    session?.track(response);
    await session?.transport.handleRequest(request, response);
  }

  private async post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request, MAX_BODY_BYTES);
    if ('problem' in body) {
      const { status, code, message } = body.problem;
      return sendRpcError(response, status, code, message);
    }
    const message = body.value;
    if (isInitializeRequest(message) && request.headers['mcp-session-id'] === undefined)
      return this.openSession(request, response, message);
    const session = this.sessionOf(request, response);
    if (!session) return;
    const refusal = this.gate.refusal(message, request.headers);
    if (refusal) return sendJson(response, refusal.status, refusal.body, refusal.headers);
    session.track(response, isJSONRPCRequest(message) ? message.id : undefined);
    // The head of an event stream, and the answer on it if there is one by then.
    asOneWrite(request.socket);
    await session.transport.handleRequest(request, response, message);
    const cancelledId = cancelledIdOf(message);
    if (cancelledId !== undefined) session.endCancelled(cancelledId);
  }

  private async openSession(request: IncomingMessage, response: ServerResponse, message: unknown): Promise<void> {
    if (!this.sessions.hasRoom())
      return sendRpcError(response, 503, SERVER_ERROR, 'Too many sessions', { 'retry-after': FULL_RETRY_SECONDS });
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: this.settings.isJsonResponse,
      onsessioninitialized: async (id) => (await this.sessions.add(id, transport)).track(response),
    });
    transport.onclose = () => {
      if (transport.sessionId !== undefined) this.sessions.delete(transport.sessionId);
    };
    await createMcpServer(this.calls).connect(transport);
    await transport.handleRequest(request, response, message);
  }

  /** The session that a request names; answers the request itself when there is none. */
  private sessionOf({ headers }: IncomingMessage, response: ServerResponse): HttpSession | undefined {
    const id = headers['mcp-session-id'];
    const session = typeof id === 'string' ? this.sessions.get(id) : undefined;
    if (id === undefined) sendRpcError(response, 400, SERVER_ERROR, 'Bad Request: Mcp-Session-Id header is required');
    else if (!session) sendRpcError(response, 404, SESSION_NOT_FOUND, 'Session not found');
    return session;
  }
}

function cancelledIdOf(message: unknown): RequestId | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { requestId?: RequestId } };
  return method === 'notifications/cancelled' ? params?.requestId : undefined;
}
