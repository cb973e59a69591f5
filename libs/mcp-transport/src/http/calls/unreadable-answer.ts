import type { IncomingHttpHeaders } from 'node:http';
import { plainText } from '@app/mcp-openapi';
import type { UpstreamAnswer } from '../../call/upstream-answer.js';
import { mediaTypeOf } from '../headers/response-headers.js';

const OF_MESSAGES = /^(?:application\/(?:[\w.-]+\+)?json|text\/event-stream)?$/;

/** An answer with a good status that is not to the call; says of what kind it is where that tells why, as of the page of a proxy for browsers. */
export function unreadable(headers: IncomingHttpHeaders): UpstreamAnswer {
  return { kind: 'unreadable', message: `The MCP server sent an answer that is not the JSON-RPC response to the call${kindOf(headers)}.` };
}

function kindOf(headers: IncomingHttpHeaders): string {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return `: it is compressed (${plainText(encoding, 50)}), though it was not asked to`;
  const type = mediaTypeOf(headers['content-type']);
  return OF_MESSAGES.test(type) ? '' : `: it is of type ${plainText(type, 50)}`;
}
