import { Injectable, NotFoundException } from '@nestjs/common';
import { findEntry } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { RouteMethods } from '../errors/route-methods.js';
import type { CallRequest } from './call-request.js';
import { PermittedCatalog } from './permitted-catalog.service.js';
import { readEnvelopeCall, readNamedCall, type ReadCall } from './read-call.js';
import type { ToolCall } from './tool-call.js';

/** Makes a tool call of an HTTP request. */
@Injectable()
export class ToolCallFactory {
  constructor(
    private readonly catalog: ToolCatalog,
    private readonly permitted: PermittedCatalog,
    private readonly routeMethods: RouteMethods,
  ) {}

  /** `POST /v1/tools/{name}`. Throws a 400. */
  ofNamed(name: string, request: CallRequest): ToolCall {
    return this.of(name, request);
  }

  /** `POST /{server}/{name}`. Throws a 404 for a server that there is not, as far as the caller may know, and a 400. */
  ofServer(server: string, name: string, request: CallRequest): ToolCall {
    const { servers } = this.permitted.viewFor(request.context.principal);
    // A tool that the caller may not use is refused in the call's own way.
    if (!servers.has(server) && !findEntry(this.catalog.snapshot(), name, server)) throw new NotFoundException();
    if (this.isOther(name, request, server)) throw new NotFoundException();
    return this.of(name, request, server);
  }

  /** `POST /{name}` of a single server. Throws a 404 where there may be several, and a 400. */
  ofOnlyServer(name: string, request: CallRequest): ToolCall {
    if (this.catalog.snapshot().naming !== 'bare' || this.isOther(name, request)) throw new NotFoundException();
    return this.of(name, request);
  }

  /** `POST /v1/tools`. Rejects with a 400. */
  async ofEnvelope(request: CallRequest): Promise<ToolCall> {
    return toCall(await readEnvelopeCall(request.rawBody), request);
  }

  /** Is something else at this path, and no tool of that name? */
  private isOther(name: string, request: CallRequest, server?: string): boolean {
    if (findEntry(this.catalog.snapshot(), name, server)) return false;
    const methods = this.routeMethods.at(request);
    return methods.length > 0 && !methods.includes('POST');
  }

  private of(name: string, request: CallRequest, server?: string): ToolCall {
    const snapshot = this.catalog.snapshot();
    const toolOf = (toolName: string) => findEntry(snapshot, toolName, server)?.tool;
    return toCall(readNamedCall(name, request.rawBody, toolOf), request, server);
  }
}

function toCall(read: ReadCall, request: CallRequest, server?: string): ToolCall {
  const leaving = new AbortController();
  const { context, headers, res } = request;
  // An answer that is out needs no signal, and aborting is dear.
  res?.on('close', () => res.writableFinished || leaving.abort());
  return { ...read, server, context, headers, signal: leaving.signal };
}
