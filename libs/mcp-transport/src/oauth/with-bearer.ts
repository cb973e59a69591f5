import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { AccessTokens } from './access-tokens.js';
import { challengeOf } from './challenge.js';

type Options = Dispatcher.DispatchOptions;
type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/** Of the body of a 401 no more is read. */
const MAX_REFUSAL_BYTES = 16 * 1024;

/**
 * Sends every request with the access token, if there is one, unless it carries an Authorization of its own. A request whose token is refused
 * (401, or 403 where it is good for too little) surely did not run: it is sent again, once, if another token can be had.
 */
export function withBearer(tokens: AccessTokens): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    if (hasAuthorization(options.headers)) return dispatch(options, handler);
    return new BearerHandler(dispatch, options, handler, tokens).start();
  };
}

class BearerHandler implements Handler {
  private token = '';
  private isSecond = false;
  private refusal: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string | undefined } | undefined;
  private refusalBytes = 0;

  constructor(
    private readonly dispatch: Dispatcher.Dispatch,
    private readonly options: Options,
    private readonly handler: Handler,
    private readonly tokens: AccessTokens,
  ) {}

  start(): boolean {
    const token = this.tokens.get();
    if (typeof token === 'string') return this.send(token);
    token.then((value) => this.sendLater(value)).catch((error: Error) => this.handler.onResponseError?.(NO_REQUEST, error));
    return true;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(controller: Controller, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, text?: string): void {
    if (!this.isSecond && this.isRefused(status, headers) && this.tokens.canReplace(this.token)) this.refusal = { status, headers, text };
    else this.handler.onResponseStart?.(controller, status, headers, text);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.refusal) return this.handler.onResponseData?.(controller, chunk);
    this.refusalBytes += chunk.length;
    if (this.refusalBytes > MAX_REFUSAL_BYTES) controller.abort(new Error('refused'));
  }

  onResponseEnd(controller: Controller, trailers: IncomingHttpHeaders): void {
    if (this.refusal) void this.sendAgain(controller);
    else this.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.refusal) void this.sendAgain(controller);
    else this.handler.onResponseError?.(controller, error);
  }

  private isRefused(status: number, headers: IncomingHttpHeaders): boolean {
    return status === 401 || (status === 403 && this.tokens.stepsUp && challengeOf(status, headers).wantsMore);
  }

  private async sendAgain(controller: Controller): Promise<void> {
    const { refusal } = this;
    this.refusal = undefined;
    this.isSecond = true;
    if (!refusal) return;
    const challenge = challengeOf(refusal.status, refusal.headers);
    const token = await this.tokens.replace({ value: this.token, challenge }).catch(() => undefined);
    if (token !== undefined && token !== this.token) return this.sendLater(token);
    this.handler.onResponseStart?.(controller, refusal.status, refusal.headers, refusal.text);
    this.handler.onResponseEnd?.(controller, {});
  }

  private send(token: string): boolean {
    this.token = token;
    const headers = token === '' ? this.options.headers : withAuthorization(this.options.headers, `Bearer ${token}`);
    return this.dispatch({ ...this.options, headers }, this);
  }

  /** Nobody is there any more to catch what is thrown. */
  private sendLater(token: string): void {
    try {
      this.send(token);
    } catch (error) {
      this.handler.onResponseError?.(NO_REQUEST, error as Error);
    }
  }
}

/** Stands in where there was no request. */
const NO_REQUEST: Controller = { aborted: true, paused: false, reason: null, abort() {}, pause() {}, resume() {} };

/** All requests to MCP servers are made with names in lower case, in an object or in a list of names and values in turn. */
function hasAuthorization(headers: Options['headers']): boolean {
  if (Array.isArray(headers)) return headers.some((name, index) => index % 2 === 0 && name === 'authorization');
  return Object.hasOwn(headers ?? {}, 'authorization');
}

function withAuthorization(headers: Options['headers'], authorization: string): Options['headers'] {
  if (Array.isArray(headers)) return [...(headers as string[]), 'authorization', authorization];
  return { ...(headers as Readonly<Record<string, string>>), authorization };
}
