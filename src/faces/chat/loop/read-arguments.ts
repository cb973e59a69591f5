import { isJsonObject } from '@app/mcp-openapi';
import type { CallArguments } from '../../../call/tool-call-request.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { readJson } from '../../../http/body/json-body.js';

/** The arguments that a model wrote, or what is wrong with them, in words for the model. */
export function readArguments(text: string): CallArguments | string {
  if (text.trim() === '') return { text: '{}', value: {} };
  try {
    const json = readJson(Buffer.from(text));
    if (isJsonObject(json.value)) return { text: json.text, value: json.value };
    return 'The arguments must be a JSON object. The tool did not run.';
  } catch (error) {
    if (!(error instanceof GatewayException)) throw error;
    return `${error.fields.message.replace('The body is', 'The arguments are')} Send one JSON object. The tool did not run.`;
  }
}

/** The same as the model is told them again: an empty object for what is none, since many servers refuse a conversation that holds another. */
export function argumentsAgain(text: string): string {
  return typeof readArguments(text) === 'string' || text.trim() === '' ? '{}' : text;
}
