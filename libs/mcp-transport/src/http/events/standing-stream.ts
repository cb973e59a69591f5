import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcMessage } from '../../call/call-answer.js';
import type { ServerMessages } from '../../inbox/server-messages.js';
import { EventMessages } from './event-messages.js';
import { mediaTypeOf } from '../headers/response-headers.js';
import type { HttpEndpoint } from '../http-endpoint.js';
import { lastEventIdHeader } from '../headers/last-event-id.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A stream that lasted this long ended in its own time: it is opened again without a longer pause. */
const HEALTHY_MS = 5_000;

/** The session that a standing stream belongs to. */
export interface HttpSession {
  readonly endpoint: HttpEndpoint;
  readonly sessionId: string | undefined;
  sessionHeaders(): Record<string, string>;
  noteCookies(headers: IncomingHttpHeaders): void;
  readonly messages: ServerMessages;
}

/**
 * The GET stream on which a legacy server sends what belongs to no request, `tools/list_changed` above all (MCP 2025-11-25
 * basic/transports "Listening for Messages from the Server"). Opened again when it ends. A server that cannot be reached any more, or
 * that refuses a stream which it offered before, is reported once by `onlost`: it has forgotten the session.
 */
export class StandingStream {
  onlost: (reason: string) => void = () => undefined;
  /** Resolves when the server has answered whether it offers one. */
  readonly isOpen: Promise<void>;
  private opened!: () => void;
  private readonly closing = new AbortController();
  private lastEventId: string | undefined;
  private wasOffered = false;

  constructor(
    private readonly session: HttpSession,
    /** Takes a message; gives the reason why the server is to be parted from, if it is. */
    private readonly take: (message: RpcMessage, text: string) => string | undefined,
  ) {
    this.isOpen = new Promise((resolve) => (this.opened = resolve));
  }

  async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const openedAt = performance.now();
      const end = await this.readOnce();
      if (this.closing.signal.aborted || end === 'not offered') return;
      if (end !== 'ended') return this.onlost(end.lost);
      pauseMs = performance.now() - openedAt >= HEALTHY_MS ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal: this.closing.signal, ref: false }).catch(() => undefined);
    }
  }

  close(): void {
    this.closing.abort();
  }

  private async readOnce(): Promise<'ended' | 'not offered' | { lost: string }> {
    const { endpoint } = this.session;
    const headers = {
      ...this.session.sessionHeaders(),
      accept: 'text/event-stream',
      ...(this.lastEventId && lastEventIdHeader(this.lastEventId)),
    };
    const { origin, path } = endpoint;
    const request = { origin, path, method: 'GET', headers, signal: this.closing.signal } as const;
    const response = await endpoint.streams.request(request).catch((error: Error) => ({ lost: error.message }));
    this.opened();
    if ('lost' in response) return response;
    this.session.noteCookies(response.headers);
    if (response.statusCode !== 200 || mediaTypeOf(response.headers['content-type']) !== 'text/event-stream') {
      await response.body.dump().catch(() => undefined);
      return this.wasOffered ? { lost: `The MCP server refuses its standing stream (HTTP ${response.statusCode}).` } : 'not offered';
    }
    this.wasOffered = true;
    let flood: string | undefined;
    const noise = () => void (flood ??= this.session.messages.counted());
    const messages = new EventMessages((message, text) => (flood ??= this.take(message, text)), noise);
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        await messages.feed(chunk);
        if (flood !== undefined) return { lost: flood };
      }
    } catch {
      // A stream that breaks and one that ends are opened again alike; the next attempt tells whether the server is gone.
    }
    this.lastEventId = messages.lastEventId ?? this.lastEventId;
    return 'ended';
  }
}
