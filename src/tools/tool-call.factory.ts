import { Injectable } from '@nestjs/common';
import { findEntry } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import type { CallRequest } from './call-request.js';
import { readEnvelopeCall, readNamedCall, type ReadCall } from './read-call.js';
import type { ToolCall } from './tool-call.js';

/** Makes a tool call of an HTTP request. */
@Injectable()
export class ToolCallFactory {
  constructor(private readonly catalog: ToolCatalog) {}

  /** `POST /v1/tools/{name}`. Throws a 400. */
  ofNamed(name: string, request: CallRequest): ToolCall {
    const snapshot = this.catalog.snapshot();
    return toCall(
      readNamedCall(name, request.rawBody, (toolName) => findEntry(snapshot, toolName)?.tool),
      request,
    );
  }

  /** `POST /v1/tools`. Rejects with a 400. */
  async ofEnvelope(request: CallRequest): Promise<ToolCall> {
    return toCall(await readEnvelopeCall(request.rawBody), request);
  }
}

function toCall(read: ReadCall, request: CallRequest): ToolCall {
  const leaving = new AbortController();
  const { res } = request;
  // An answer that is out needs no signal, and aborting is dear.
  res?.on('close', () => res.writableFinished || leaving.abort());
  return { ...read, context: request.context, signal: leaving.signal };
}
