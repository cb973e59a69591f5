import { causeOf, fetchThrough } from '@app/mcp-transport';
import type { ChatStatusSettings } from '../config/settings.js';
import type { ChatAnswer } from './chat-answer.js';

/** For all of a post. */
const TIMEOUT_MS = 2_000;
/** Of an answer so much is read: it says true or false. */
const MAX_ANSWER_BYTES = 4_096;

/** What Open WebUI shows above an answer. */
export interface Status {
  readonly description: string;
  /** Nothing more comes of it. */
  readonly done: boolean;
}

/** What came of a post: Open WebUI has it, does not want it, or is in trouble. `reason` holds neither a secret nor anything of an answer. */
export type PostEnd = { readonly kind: 'taken' } | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/** Posts a status to an answer. Never rejects; no redirect is followed, since the key would go along. */
export async function postStatus(settings: ChatStatusSettings, { chatId, messageId }: ChatAnswer, status: Status): Promise<PostEnd> {
  const url = new URL(`${settings.url}/api/v1/chats/${chatId}/messages/${messageId}/event`);
  const init: RequestInit = {
    method: 'POST',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'status', data: status }),
  };
  try {
    const response = await fetchThrough(url, init, settings.proxies);
    await readAway(response);
    return judged(response.status);
  } catch (error) {
    return { kind: 'failed', reason: causeOf(error) };
  }
}

/** So that the connection can be used again. */
async function readAway({ body }: Response): Promise<void> {
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_ANSWER_BYTES) return;
  }
}

function judged(status: number): PostEnd {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  return { kind: status >= 500 || status === 429 || status === 408 ? 'failed' : 'refused', reason: `HTTP ${status}` };
}
