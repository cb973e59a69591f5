import { Injectable, NotFoundException } from '@nestjs/common';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { readIdempotencyKey } from '../../../call/idempotency/idempotency-key.js';
import { wantsFresh } from '../../../call/results/wants-fresh.js';
import { ToolCallService } from '../../../call/tool-call.service.js';
import type { GivenArguments } from '../../../call/tool-call-request.js';
import { BodyReader } from '../../../http/body/body-reader.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { RouteMethods } from '../failures/route-methods.js';
import { asksForEvents } from './asks-for-events.js';
import { CallEvents } from './call-events.js';
import { invalid, readEnvelopeCall, readNamedArguments } from './read-call.js';

/** Reads tool calls out of HTTP requests that have passed {@link CallGuard}, and has them done. All reject with a 400, 413, 415 or 503 for the body. */
@Injectable()
export class HttpCalls {
  constructor(
    private readonly bodies: BodyReader,
    private readonly calls: ToolCallService,
    private readonly views: CallerViews,
    private readonly routeMethods: RouteMethods,
  ) {}

  /** `POST /v1/tools/{name}`. */
  named(name: string, request: RequestOfCaller, server?: string): Promise<AnsweredCall> {
    return this.bodies.read(request).then((body) => this.call(name, readNamedArguments(name, body), request, server));
  }

  /** `POST /v1/tools`. */
  async inEnvelope(request: RequestOfCaller): Promise<AnsweredCall> {
    const { name, args } = await readEnvelopeCall(await this.bodies.read(request));
    return this.call(name, args, request);
  }

  /** `POST /{server}/{name}`. Rejects with a 404 for a server that there is not, as far as the caller may know. */
  async ofServer(server: string, name: string, request: RequestOfCaller): Promise<AnsweredCall> {
    const answered = await this.named(name, request, server);
    const { entry, view } = answered;
    // A tool that the caller may not use is refused in the call's own way.
    if (!entry && view && (!view.permitted.servers.has(server) || this.isOther(request))) throw new NotFoundException();
    return answered;
  }

  /** `POST /{name}` of a single server. Rejects with a 404 where there may be several. */
  async ofOnlyServer(name: string, request: RequestOfCaller): Promise<AnsweredCall> {
    if (this.views.known(request.caller).all.naming !== 'bare') throw new NotFoundException();
    const answered = await this.named(name, request);
    if (!answered.entry && answered.view && this.isOther(request)) throw new NotFoundException();
    return answered;
  }

  private call(name: string, args: GivenArguments, request: RequestOfCaller, server?: string): Promise<AnsweredCall> {
    const { caller, context, leaving, admission, headers } = request;
    const events = asksForEvents(headers.accept) ? new CallEvents(request) : undefined;
    if (events) request.events = events;
    return this.calls.call({
      name,
      server,
      args,
      caller,
      context,
      signal: leaving as NonNullable<typeof leaving>,
      admission,
      idempotencyKey: readIdempotencyKey(headers, 'call', (issue) => invalid([{ field: 'Idempotency-Key', issue }])),
      wantsFresh: wantsFresh(headers),
      onProgress: events && ((progress) => events.report(progress)),
      onLog: events && ((params) => events.log(params)),
    });
  }

  /** Is something else at this path that takes other methods? */
  private isOther(request: RequestOfCaller): boolean {
    const methods = this.routeMethods.at(request);
    return methods.length > 0 && !methods.includes('POST');
  }
}
