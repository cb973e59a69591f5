import type { IncomingHttpHeaders } from 'node:http';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';
import type { RequestContext } from '../correlation/request-context.js';
import type { CallerCredentials } from '@app/mcp-transport';

/** The arguments of a call: one JSON object as text, as it came, and as parsed. What is validated is what is sent. */
export interface CallArguments {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** One tool call on its way through the steps. */
export interface ToolCall {
  /** As the caller named it. */
  readonly name: string;
  /** The server in whose own document it has that name; undefined where all are merged. */
  readonly server?: string;
  /** As the caller sent them; a step may take them out of what a client has wrapped them in. */
  args: CallArguments;
  /** Who calls, under which correlation id; tool and times are noted here. */
  readonly context: RequestContext;
  /** The caller's request headers, of which servers get what their settings say. */
  readonly headers?: IncomingHttpHeaders;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Readonly<Record<string, unknown>>) => void;
  /** Set by the resolve step; steps after it may rely on it. */
  entry?: CatalogEntry;
  /** Set by the last step: what the server got of the headers. */
  credentials?: CallerCredentials | undefined;
}
