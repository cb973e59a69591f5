import { isJsonObject } from '@app/mcp-openapi';
import { IDEMPOTENCY_KEY, wrongKey } from '../../../call/idempotency/idempotency-key.js';
import type { ToolCallRequest } from '../../../call/tool-call-request.js';
import { wantsFresh } from '../../../call/results/wants-fresh.js';
import type { Exchange } from '../rpc/exchange.js';
import { invalidParams } from '../rpc/rpc.js';

/** Where a client says the key of one call; over HTTP it may be a header of the request, as at other faces. */
const KEY_META_KEY = 'io.mcpo-proxy/idempotency-key';

/** How a call wants to be made: once, by its key, and by no result that is kept. Throws for a key that is none. */
export function callWishes({ request, caller }: Exchange): Pick<ToolCallRequest, 'idempotencyKey' | 'wantsFresh'> {
  const { _meta } = request.params;
  const key = (isJsonObject(_meta) ? _meta[KEY_META_KEY] : undefined) ?? caller.headers['idempotency-key'];
  if (key !== undefined && !(typeof key === 'string' && IDEMPOTENCY_KEY.test(key)))
    throw invalidParams(`Invalid params: an idempotency key ${wrongKey('call')}`);
  return { idempotencyKey: key, wantsFresh: wantsFresh(caller.headers) };
}
