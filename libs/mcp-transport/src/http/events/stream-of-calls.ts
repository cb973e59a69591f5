import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcMessage } from '../../call/call-answer.js';
import type { CallsInFlight } from '../../call/calls-in-flight.js';
import { ELICITATION_COMPLETE, TOOLS_CHANGED } from '../../inbox/server-messages.js';
import { MAX_EXCHANGE_MS } from '../http-endpoint.js';
import { POST_HEADERS } from '../headers/request-headers.js';
import { type HttpSession, StandingStream } from './standing-stream.js';

/** Some servers begin a stream with its first event only. */
const OPENING_MS = 500;

const TOLD = new Set<unknown>([ELICITATION_COMPLETE, TOOLS_CHANGED]);

/** A session in which calls are made. */
interface SessionOfCalls extends HttpSession {
  readonly calls: CallsInFlight;
}

/**
 * The standing stream of a session for calls. Many servers ask there what they want to know of a call, which nothing tells but its being the only
 * one, and tell there that they are done with a link, or that their tools have changed; what else they say is told to discovery, too.
 */
export class StreamOfCalls extends StandingStream {
  constructor(session: SessionOfCalls) {
    const reply = (text: string): void => tell(session, text);
    super(session, (message: RpcMessage, text: string) => {
      const isTaken = session.calls.receiveAside(message, text, reply);
      const isTold = message.id !== undefined || TOLD.has(message.method);
      return isTaken || !isTold ? session.messages.counted() : session.messages.take(message);
    });
  }

  /** Resolves when it is open or not offered, or has to be done without: a server that asks before that asks nobody. */
  override async run(): Promise<void> {
    void super.run();
    await Promise.race([this.isOpen, sleep(OPENING_MS, undefined, { ref: false })]);
  }
}

/** Not through the pool: calls that wait for answers to their questions may hold all of it. */
function tell(session: SessionOfCalls, body: string): void {
  const { origin, path, streams } = session.endpoint;
  const headers = { ...session.sessionHeaders(), ...POST_HEADERS };
  const told = streams.request({ origin, path, method: 'POST', headers, body, signal: AbortSignal.timeout(MAX_EXCHANGE_MS) });
  told.then((response) => response.body.dump()).catch(() => undefined);
}
