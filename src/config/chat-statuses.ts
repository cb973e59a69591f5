import type { ProxySettings } from '@app/mcp-transport';
import type { Environment } from './environment.js';
import { isLoopback } from './network/own-hosts.js';
import type { ChatStatusSettings } from './settings.js';

interface ReadChatStatuses {
  readonly chatStatuses: ChatStatusSettings | undefined;
  readonly warnings: readonly string[];
}

/** How progress gets into Open WebUI's chats: by both its URL and a key. `isKnown`: whether callers are known by anything. */
export function readChatStatuses(env: Environment, isKnown: boolean, proxies: ProxySettings | undefined): ReadChatStatuses {
  const { OPENWEBUI_URL: url, OPENWEBUI_API_KEY: apiKey, HOST } = env;
  if (url === undefined || apiKey === undefined) return { chatStatuses: undefined, warnings: apiKey === undefined ? [] : [NO_URL] };
  const headers = { chatId: env.FORWARD_SESSION_INFO_HEADER_CHAT_ID, messageId: env.FORWARD_SESSION_INFO_HEADER_MESSAGE_ID };
  const chatStatuses = { url, apiKey, headers, ...(proxies && { proxies }) };
  return { chatStatuses, warnings: isKnown || isLoopback(HOST) ? [] : [STRANGERS] };
}

const NO_URL = 'OPENWEBUI_API_KEY: has no effect without OPENWEBUI_URL';
const STRANGERS =
  'OPENWEBUI_API_KEY: since callers need no key, whoever reaches this address and knows the id of a chat can have statuses written into it; set API_KEYS';
