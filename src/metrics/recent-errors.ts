import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../correlation/request-context.js';

/** Errors of a kind count as one; beyond so many kinds the one that came last the longest ago is forgotten. */
const MAX_KINDS = 500;
/** Of each kind, the last ones. */
const MAX_IDS = 5;

/** Errors of one type, of one tool where it is known. Nothing of it is secret: no message, no arguments, no stack. */
export interface ErrorKind {
  /** `error.type` of the answers. */
  readonly type: string;
  /** Published name; undefined for what is no call of a tool that exists. */
  readonly tool: string | undefined;
  readonly server: string | undefined;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The oldest first. The log has a line under each. */
  readonly correlationIds: readonly string[];
}

/** The errors that callers were told of, in this process, whatever the face. */
@Injectable()
export class RecentErrors {
  /** Since when it counts. */
  readonly since = new Date();
  private readonly kinds = new LRUCache<string, ErrorKind>({ max: MAX_KINDS });

  /** A request or a call has ended with an error. */
  note({ errorType: type, tool, upstream: server, correlationId }: RequestContext): void {
    if (type === undefined) return;
    const key = JSON.stringify([type, tool, server]);
    const known = this.kinds.get(key);
    const lastAt = new Date();
    const correlationIds = [...(known?.correlationIds ?? []), correlationId].slice(-MAX_IDS);
    this.kinds.set(key, { type, tool, server, count: (known?.count ?? 0) + 1, firstAt: known?.firstAt ?? lastAt, lastAt, correlationIds });
  }

  /** The last one first. */
  list(): ErrorKind[] {
    return [...this.kinds.values()];
  }
}
