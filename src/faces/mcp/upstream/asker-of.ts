import type { Asker } from '../../../call/questions/asker.js';
import type { QuestionAnswer, ServerQuestion } from '@app/mcp-transport';
import type { Upstream } from '../../../mcp-client/upstream.js';
import type { Exchange } from '../rpc/exchange.js';
import { takesLinks } from './outcome-to-reply.js';

/** Puts questions to the client whose request it is. */
export function askerOf(exchange: Exchange): Asker {
  return new ExchangeAsker(exchange);
}

/** A class: V8 makes a map in old space for each object literal that has a getter, and the getter holds all of its call until a full collection. */
class ExchangeAsker implements Asker {
  constructor(private readonly exchange: Exchange) {}

  get capabilities(): Asker['capabilities'] {
    return this.exchange.client.capabilities;
  }

  get tellsOfLinks(): boolean {
    return takesLinks(this.exchange.client);
  }

  /** Before 2026-07-28 alone: since then no server tells. */
  noteLink(elicitationId: string, upstream: Upstream): void {
    const { session, request } = this.exchange;
    session?.noteLink({ elicitationId, upstream, requestId: request.id }, (method, params) => this.exchange.notify(method, params));
  }

  ask(question: ServerQuestion, withdrawn: AbortSignal): Promise<QuestionAnswer> {
    return this.exchange.ask(question, withdrawn);
  }
}
