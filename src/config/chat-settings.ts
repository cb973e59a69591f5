import type { ProxySettings } from '@app/mcp-transport';
import type { Environment } from './environment.js';
import type { ChatSettings, ModelProviderSettings } from './settings.js';

/** What the chat is told, and what is odd about it. */
interface ReadChat {
  readonly chat: ChatSettings;
  readonly warnings: readonly string[];
}

/** The providers of models with their keys, in order, and the bounds of a completion. What is wrong goes to `problems`, never with a key. */
export function readChat(env: Environment, problems: string[], proxies: ProxySettings | undefined): ReadChat {
  const chat = {
    providers: providersOf(env, problems, proxies),
    maxChats: env.MAX_CHATS,
    maxBodyBytes: env.MAX_CHAT_BODY_BYTES,
    timeoutMs: env.CHAT_TIMEOUT * 1000,
    maxRounds: env.CHAT_MAX_ROUNDS,
    maxCalls: env.CHAT_MAX_CALLS,
    maxTools: env.CHAT_MAX_TOOLS,
    maxResultCharacters: env.CHAT_MAX_RESULT_CHARACTERS,
  };
  const hasKey = env.OPENAI_API_KEY !== undefined || env.OPENAI_API_KEYS.length > 0;
  return { chat, warnings: hasKey && chat.providers.length === 0 ? [IDLE] : [] };
}

const IDLE = 'OPENAI_API_KEY: has no effect without OPENAI_API_BASE_URL';

function providersOf(env: Environment, problems: string[], proxies: ProxySettings | undefined): ModelProviderSettings[] {
  const several = env.OPENAI_API_BASE_URLS;
  const urls = several.length > 0 ? several : env.OPENAI_API_BASE_URL;
  const keys = env.OPENAI_API_KEYS.length > 0 ? env.OPENAI_API_KEYS : [env.OPENAI_API_KEY?.trim() ?? ''];
  if (urls.length > 0 && keys.length > urls.length)
    problems.push('OPENAI_API_KEYS: has more keys than OPENAI_API_BASE_URLS has URLs; there is one for each, in order, which may be empty');
  if (!keys.every((key) => KEY.test(key))) problems.push('OPENAI_API_KEY: must be of visible ASCII characters');
  return urls.map((url, at) => ({ url: url.href.replace(/\/+$/, ''), key: keys[at] || undefined, proxies }));
}

/** What a header can hold. */
const KEY = /^[\x21-\x7e]*$/;
