import { outcomeToStatus, resultToBody, type ToolOutcome, toolErrorToText } from '@app/mcp-openapi';
import { outcomeToFields } from '../../../errors/failed-outcome.js';

/** Images of one result that reach the model, and their characters together. */
const MAX_IMAGES = 8;
const MAX_IMAGE_CHARACTERS = 10 * 1024 * 1024;

/** What the model gets of an outcome: words, and images, which a message of a tool cannot hold. */
export interface ForModel {
  readonly text: string;
  /** Data URIs. */
  readonly images: readonly string[];
}

/** An outcome for a model, in not more characters than it may have; of bytes only images, of others what they are. */
export function outcomeForModel(outcome: ToolOutcome, maxCharacters: number): ForModel {
  if (outcome.kind === 'tool_error')
    return { text: cut(JSON.stringify({ error: toolErrorToText(outcome.result) }), maxCharacters), images: [] };
  if (outcome.kind !== 'result') return { text: cut(failureText(outcome), maxCharacters), images: [] };
  const { body } = resultToBody(outcome.result, undefined, { binary: 'describe' });
  const images: string[] = [];
  const text = plain(withoutData(body.toString(), images));
  return { text: cut(text, maxCharacters), images };
}

function failureText(outcome: Exclude<ToolOutcome, { kind: 'result' | 'tool_error' }>): string {
  const { type, message, details, retryAfterSeconds: retry_after } = outcomeToFields(outcome);
  return JSON.stringify({ error: { type, status: outcomeToStatus(outcome), message, details, retry_after } });
}

/** A data URI within JSON, where a slash may be escaped. */
const DATA = /data:([\w.+-]+\\?\/[\w.+-]+)(?:;[\w=-]+)*;base64,((?:[A-Za-z0-9+=]|\\?\/)*)/g;

/** Takes bytes out of a text: images go to `images`, as many as may. */
function withoutData(text: string, images: string[]): string {
  let characters = 0;
  return text.replaceAll(DATA, (_, type: string, data: string) => {
    const [mimeType, base64] = [type.replace('\\/', '/').toLowerCase(), data.replaceAll('\\/', '/')];
    if (!mimeType.startsWith('image/')) return `[${mimeType}, ${base64.length} characters of Base64: not shown]`;
    characters += base64.length;
    if (images.length >= MAX_IMAGES || characters > MAX_IMAGE_CHARACTERS) return `[${mimeType}: not shown, too many or too large]`;
    images.push(`data:${mimeType};base64,${base64}`);
    return `[${mimeType}: image ${images.length} of those that follow]`;
  });
}

/** A JSON string as the text that it is. */
function plain(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** With a notice where something is left out. */
export function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const notice = `\n[cut: the result has ${text.length} characters, of which a model gets ${maxCharacters} (CHAT_MAX_RESULT_CHARACTERS)]`;
  const head = text.slice(0, maxCharacters);
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}${notice}`;
}
