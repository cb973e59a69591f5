import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { ServerResponse } from 'node:http';

/** One client's session: its transport, and the responses open on it. */
export class HttpSession {
  private readonly openResponses = new Set<ServerResponse>();
  private readonly responseByRequestId = new Map<RequestId, ServerResponse>();
  lastUsedAt: number;

  constructor(
    readonly transport: StreamableHTTPServerTransport,
    private readonly now: () => number,
  ) {
    this.lastUsedAt = now();
  }

  get isIdle(): boolean {
    return this.openResponses.size === 0;
  }

  /** Knows the response until it is over; a GET stream stays open as long as the client listens. */
  track(response: ServerResponse, requestId?: RequestId): void {
    this.openResponses.add(response);
    if (requestId !== undefined) this.responseByRequestId.set(requestId, response);
    response.once('close', () => {
      this.openResponses.delete(response);
      if (requestId !== undefined) this.responseByRequestId.delete(requestId);
      this.lastUsedAt = this.now();
    });
  }

  /** Ends the response of a cancelled request, which the SDK leaves open for ever: there is no answer to it. */
  endCancelled(requestId: RequestId): void {
    const response = this.responseByRequestId.get(requestId);
    if (response && !response.headersSent) response.writeHead(202);
    response?.end();
  }
}

/** The sessions by their ids; one beyond `maxSessions` takes the place of the longest idle one. */
export class HttpSessions {
  private readonly byId = new Map<string, HttpSession>();

  constructor(
    private readonly maxSessions: number,
    private readonly idleMs: number,
    private readonly now = () => performance.now(),
  ) {}

  get(id: string): HttpSession | undefined {
    return this.byId.get(id);
  }

  /** Whether one more may be added; false when there are enough and none is idle. */
  hasRoom(): boolean {
    return this.byId.size < this.maxSessions || this.idle().length > 0;
  }

  async add(id: string, transport: StreamableHTTPServerTransport): Promise<HttpSession> {
    if (this.byId.size >= this.maxSessions) await this.closeLongestIdle();
    const session = new HttpSession(transport, this.now);
    this.byId.set(id, session);
    return session;
  }

  delete(id: string): void {
    this.byId.delete(id);
  }

  /** Closes those that nobody has used for `idleMs`. */
  async closeIdle(): Promise<void> {
    const latest = this.now() - this.idleMs;
    await closeEach(this.idle().filter((session) => session.lastUsedAt <= latest));
  }

  async closeAll(): Promise<void> {
    await closeEach([...this.byId.values()]);
  }

  private async closeLongestIdle(): Promise<void> {
    const [longest] = this.idle().sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    if (longest) await longest.transport.close();
  }

  private idle(): HttpSession[] {
    return [...this.byId.values()].filter((session) => session.isIdle);
  }
}

async function closeEach(sessions: readonly HttpSession[]): Promise<void> {
  await Promise.all(sessions.map((session) => session.transport.close()));
}
