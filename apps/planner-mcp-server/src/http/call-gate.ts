import type { IncomingHttpHeaders } from 'node:http';
import { RateLimiter } from '../calls/rate-limiter.js';
import type { Settings } from '../settings.js';
import { TOKEN_HEADER } from '../calls/tool-calls.js';

/** An HTTP answer in place of the call's. */
interface Refusal {
  readonly status: 401 | 429;
  readonly body: { readonly error: string; readonly message: string; readonly retry_after?: number };
  readonly headers: Record<string, string>;
}

const UNAUTHORIZED: Refusal = {
  status: 401,
  body: { error: 'unauthorized', message: 'The header X-Teams-Auth-Token is required.' },
  headers: { 'www-authenticate': 'TeamsAuthToken realm="planner"' },
};

/** Refuses tool calls over HTTP that carry no token where one is required, and those beyond the rate limit. */
export class CallGate {
  private readonly limiter: RateLimiter | undefined;

  constructor(private readonly settings: Pick<Settings, 'rateLimit' | 'isTokenRequired'>) {
    this.limiter = settings.rateLimit === undefined ? undefined : new RateLimiter(settings.rateLimit);
  }

  /** Undefined lets the message, or batch of messages, in; what holds no tool call always is. */
  refusal(message: unknown, headers: IncomingHttpHeaders): Refusal | undefined {
    const count = [message].flat().filter(isToolCall).length;
    if (count === 0) return undefined;
    if (this.settings.isTokenRequired && !headers[TOKEN_HEADER]) return UNAUTHORIZED;
    const waitSeconds = this.limiter?.take(count);
    return waitSeconds === undefined ? undefined : tooMany(this.settings.rateLimit, waitSeconds);
  }
}

function isToolCall(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { method?: unknown }).method === 'tools/call';
}

function tooMany(limit: number | undefined, waitSeconds: number): Refusal {
  return {
    status: 429,
    body: { error: 'rate_limited', message: `At most ${limit} tool calls a minute.`, retry_after: waitSeconds },
    headers: { 'retry-after': String(waitSeconds) },
  };
}
