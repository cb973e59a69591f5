import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { invalidRequest } from './openai-error.js';

/** A completion as its caller asks for it; what the gateway does not know of the body goes to the model as it came. */
export interface Completion {
  readonly body: JsonObject;
  readonly model: string;
  readonly messages: readonly JsonObject[];
  readonly isStreamed: boolean;
  /** The caller wants the usage at the end of the stream. */
  readonly wantsUsage: boolean;
  /** How many answers are wanted. */
  readonly choices: number;
  /** Names of the tools that the caller brought. */
  readonly ownTools: ReadonlySet<string>;
}

/** Throws a 400 for a body that is none (OpenAI API, "Create chat completion"). */
export function readCompletion(body: JsonObject): Completion {
  const { model, messages, stream, stream_options: options, n, tools } = body;
  if (typeof model !== 'string' || model === '')
    throw invalidRequest('`model` must be the id of a model, as GET /v1/models lists it.', 'model');
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isJsonObject))
    throw invalidRequest('`messages` must be an array of one or more messages.', 'messages');
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) throw invalidRequest('`tools` must be an array.', 'tools');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw invalidRequest('`stream` must be true or false.', 'stream');
  return {
    body,
    model,
    messages,
    isStreamed: stream === true,
    wantsUsage: isJsonObject(options) && options['include_usage'] === true,
    choices: typeof n === 'number' && n > 1 ? n : 1,
    ownTools: new Set((tools ?? []).map(nameOf)),
  };
}

function nameOf(tool: unknown): string {
  const { function: described } = isJsonObject(tool) ? tool : {};
  return isJsonObject(described) && typeof described['name'] === 'string' ? described['name'] : '';
}

/** The words of a message: a text, or those of its parts that are text. */
export function textOf({ content }: JsonObject): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}
