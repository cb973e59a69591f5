import { AuthorizationNeeded, causeOf, TokenError } from '@app/mcp-transport';
import type { UpstreamSettings } from '../config/upstream-settings.js';
import { isUsers } from '../grants/granted-server.js';
import { needsAuth, refusalOf } from './refusal.js';
import type { UpstreamState } from './upstream-status.js';
import type { RedactedTexts } from './redacted-texts.js';

/** How it stands with a server: its state, since when, and why. */
export class UpstreamLifecycle {
  state: UpstreamState = 'starting';
  since = new Date();
  lastError: string | undefined;
  /** Whether it refused whoever came last without credentials of a caller. */
  isRefused = false;
  /** Why there is no access token to connect with; undefined if that is not what is missing. */
  lackOfToken: string | undefined;

  /** `isOfCaller`: whether all its requests are one caller's. */
  constructor(
    private readonly settings: UpstreamSettings,
    private readonly isOfCaller: boolean,
    private readonly words: RedactedTexts,
    private readonly onState: () => void,
  ) {}

  enter(state: UpstreamState, error?: string): void {
    if (this.state !== state) this.since = new Date();
    this.state = state;
    if (state === 'needs_auth') this.isRefused = true;
    if (state === 'up') {
      this.isRefused = false;
      this.lackOfToken = undefined;
    }
    if (error !== undefined) this.noteError(error);
    this.onState();
  }

  noteError(error: string): void {
    this.lastError = this.words.shown(error);
  }

  /** An attempt to connect has failed; true if the server refused it. */
  noteFailure(error: unknown, grantProblem: TokenError | undefined): boolean {
    this.lackOfToken = error instanceof TokenError ? error.message : undefined;
    if (error instanceof TokenError) this.enter(stateFor(error), error.message);
    else if (this.noteRefusal(error, grantProblem)) return true;
    else this.enter('degraded', causeOf(error));
    return false;
  }

  /** It lists its tools; some servers do so for anybody, and want a person's grant for calls. */
  noteListed(grantProblem: TokenError | undefined): void {
    if (this.state !== 'up' && !(grantProblem instanceof AuthorizationNeeded)) this.enter('up');
  }

  /** There is no new list: where nothing is known of its tools it is connected, and of no use. */
  noteUnlisted(error: string, isListed: boolean): void {
    if (this.state !== 'up' && this.state !== 'degraded') return;
    if (isListed) this.noteError(error);
    else this.enter('degraded', error);
  }

  /** It has refused a call for want of a token: where only a person can mend that, it says so though it is connected. */
  noteRefusedCall(grantProblem: TokenError | undefined): void {
    if (this.isOfCaller || this.state === 'needs_authorization' || !(grantProblem instanceof AuthorizationNeeded)) return;
    this.lackOfToken = grantProblem.message;
    this.enter('needs_authorization', grantProblem.message);
  }

  /** True if that is what the error is. */
  noteRefusal(error: unknown, grantProblem: TokenError | undefined): boolean {
    const status = refusalOf(error);
    if (status === undefined) return false;
    if (isUsers(this.settings) && !this.isOfCaller) this.enter('needs_authorization', 'Each user authorizes this server for themselves.');
    else if (grantProblem) {
      this.lackOfToken = grantProblem.message;
      this.enter(stateFor(grantProblem), grantProblem.message);
    } else this.enter('needs_auth', needsAuth(answered(status, causeOf(error)), this.settings.forwardHeaders));
    return true;
  }
}

/** The status, and what came with it: a server that refuses a host name or an origin has the same status for it. */
function answered(status: number, told: string): string {
  return /(HTTP \d+(?:: .*)?)$/s.exec(told)?.[1] ?? `HTTP ${status}`;
}

function stateFor(problem: TokenError): UpstreamState {
  if (problem instanceof AuthorizationNeeded) return 'needs_authorization';
  return problem.isRefusal ? 'needs_auth' : 'degraded';
}
