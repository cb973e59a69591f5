import type { Asker } from '../../../call/questions/asker.js';
import type { Exchange } from '../rpc/exchange.js';
import { takesLinks } from './outcome-to-reply.js';

/** Puts questions to the client whose request it is. */
export function askerOf(exchange: Exchange): Asker {
  const { client } = exchange;
  return {
    capabilities: client.capabilities,
    get tellsOfLinks() {
      return takesLinks(client);
    },
    ask: (question, withdrawn) => exchange.ask(question, withdrawn),
  };
}
