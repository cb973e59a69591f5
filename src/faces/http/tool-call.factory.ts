import { Injectable, NotFoundException } from '@nestjs/common';
import { type CatalogEntry, findEntry } from '../../discovery/catalog-snapshot.js';
import { RouteMethods } from './route-methods.js';
import type { CallRequest } from './call-request.js';
import { CallersLists } from '../../view/callers-lists.service.js';
import { PermittedCatalog } from '../../view/permitted-catalog.service.js';
import { readEnvelopeCall, readNamedCall, type ReadCall } from './read-call.js';
import type { ToolCall } from '../../call/tool-call.js';

/** Makes a tool call of an HTTP request. */
@Injectable()
export class ToolCallFactory {
  constructor(
    private readonly lists: CallersLists,
    private readonly permitted: PermittedCatalog,
    private readonly routeMethods: RouteMethods,
  ) {}

  /** `POST /v1/tools/{name}`. Rejects with a 400. */
  async ofNamed(name: string, request: CallRequest): Promise<ToolCall> {
    await this.lists.learnFor(name, request);
    return this.of(name, request);
  }

  /** `POST /{server}/{name}`. Rejects with a 404 for a server that there is not, as far as the caller may know, and a 400. */
  async ofServer(server: string, name: string, request: CallRequest): Promise<ToolCall> {
    await this.lists.learnFor(name, request, server);
    const { servers } = this.permitted.viewFor(request.context);
    // A tool that the caller may not use is refused in the call's own way.
    if (!servers.has(server) && !this.find(name, request, server)) throw new NotFoundException();
    if (this.isOther(name, request, server)) throw new NotFoundException();
    return this.of(name, request, server);
  }

  /** `POST /{name}` of a single server. Rejects with a 404 where there may be several, and a 400. */
  async ofOnlyServer(name: string, request: CallRequest): Promise<ToolCall> {
    await this.lists.learnFor(name, request);
    if (this.lists.snapshotFor(request.context).naming !== 'bare' || this.isOther(name, request)) throw new NotFoundException();
    return this.of(name, request);
  }

  /** `POST /v1/tools`. Rejects with a 400. */
  async ofEnvelope(request: CallRequest): Promise<ToolCall> {
    const read = await readEnvelopeCall(request.rawBody);
    await this.lists.learnFor(read.name, request);
    return toCall(read, request);
  }

  /** Is something else at this path, and no tool of that name? */
  private isOther(name: string, request: CallRequest, server?: string): boolean {
    if (this.find(name, request, server)) return false;
    const methods = this.routeMethods.at(request);
    return methods.length > 0 && !methods.includes('POST');
  }

  private find(name: string, { context }: CallRequest, server: string | undefined): CatalogEntry | undefined {
    return findEntry(this.lists.snapshotFor(context), name, server);
  }

  private of(name: string, request: CallRequest, server?: string): ToolCall {
    const toolOf = (toolName: string) => this.find(toolName, request, server)?.tool;
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
