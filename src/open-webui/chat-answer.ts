import type { IncomingHttpHeaders } from 'node:http';

/** An answer that is being written in a chat of Open WebUI. */
export interface ChatAnswer {
  readonly chatId: string;
  readonly messageId: string;
}

/** Names of the headers that say for which answer a call is made, in lower case. */
interface ChatHeaderNames {
  readonly chatId: string;
  readonly messageId: string;
}

/** The answer for which a call is made; undefined for one that is made for none, or for what is no id: it would be part of a path. */
export function chatAnswerOf(headers: IncomingHttpHeaders, names: ChatHeaderNames): ChatAnswer | undefined {
  const [chatId, messageId] = [headers[names.chatId], headers[names.messageId]];
  return isId(chatId) && isId(messageId) ? { chatId, messageId } : undefined;
}

/** Ids are UUIDs; a chat that is not kept has another form, and no statuses. */
function isId(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && ID.test(value);
}

const ID = /^[\w-]{1,64}$/;
