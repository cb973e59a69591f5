import { Injectable } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import type { Upstream } from '../../../mcp-client/upstream.js';
import type { RpcId } from '../rpc/rpc.js';

/** Of one session; where there are more the oldest is forgotten. */
const MAX_OF_SESSION = 50;
/** Characters of a server's id for one, and of the client's for its request. */
const MAX_ID = 200;

/** A link that a server wants somebody to open, and the request that it came with. */
export interface NewLink {
  /** The server's own name for it. */
  readonly elicitationId: string;
  readonly upstream: Upstream;
  readonly requestId: RpcId;
}

/** A session that may be told of its links. */
interface Holder {
  readonly isOver: boolean;
  sayOf(requestId: RpcId, method: string, params: JsonObject): void;
}

interface OpenLink {
  readonly session: Holder;
  readonly requestId: RpcId;
}

type LinksOfServer = Map<string, OpenLink>;

/** The links of servers that clients were given, so that the one who got it, and nobody else, is told when its server is done with it. */
@Injectable()
export class OpenLinks {
  private readonly byServer = new WeakMap<Upstream, LinksOfServer>();
  private readonly bySession = new WeakMap<Holder, Map<OpenLink, () => void>>();

  note({ elicitationId, upstream, requestId }: NewLink, session: Holder): void {
    if (elicitationId.length > MAX_ID || String(requestId).length > MAX_ID || session.isOver) return;
    const links = this.byServer.get(upstream) ?? this.follow(upstream);
    const own = this.of(session);
    const link = { session, requestId };
    this.forget(links.get(elicitationId));
    links.set(elicitationId, link);
    own.set(link, () => links.delete(elicitationId));
    if (own.size > MAX_OF_SESSION) this.forget(own.keys().next().value);
  }

  /** A session has ended. */
  leave(session: Holder): void {
    for (const link of [...(this.bySession.get(session)?.keys() ?? [])]) this.forget(link);
  }

  private of(session: Holder): Map<OpenLink, () => void> {
    let own = this.bySession.get(session);
    if (!own) this.bySession.set(session, (own = new Map()));
    return own;
  }

  private forget(link: OpenLink | undefined): void {
    if (!link) return;
    const own = this.of(link.session);
    own.get(link)?.();
    own.delete(link);
  }

  private follow(upstream: Upstream): LinksOfServer {
    const links: LinksOfServer = new Map();
    this.byServer.set(upstream, links);
    upstream.on('notice', (notice) => {
      if (notice.kind !== 'elicitation') return;
      const link = links.get(String(notice.params['elicitationId']));
      if (!link) return;
      this.forget(link);
      link.session.sayOf(link.requestId, 'notifications/elicitation/complete', notice.params);
    });
    return links;
  }
}
