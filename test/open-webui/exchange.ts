import assert from 'node:assert/strict';
import { imagesOf, textOf } from './chat-request.ts';
import type { StoredMessage } from './chat.ts';
import type { ScriptedModel } from './scripted-model.ts';

/** One question and what came of it. */
export interface Exchange {
  /** The answer as Open WebUI stored it. */
  readonly stored: StoredMessage;
  /** What the model was given as the tool's result. */
  readonly toolResult: string;
  /** The images that the model was given after it, as URLs. */
  readonly toolImages: readonly string[];
}

/** Puts the stored answer and the last request to the model side by side. */
export function observeExchange(stored: StoredMessage, model: ScriptedModel): Exchange {
  const messages = model.requests.at(-1)?.messages ?? [];
  const resultIndex = messages.findLastIndex((message) => message.role === 'tool');
  const result = messages[resultIndex];
  assert(result, `The model was given no tool result; the chat ended with: ${stored.content}`);
  return { stored, toolResult: textOf(result), toolImages: messages.slice(resultIndex + 1).flatMap(imagesOf) };
}

/** Whether Open WebUI shows the tool call as completed or as failed. */
export function toolCallStatus({ stored }: Exchange): string | undefined {
  return stored.output?.find((item) => item.type === 'function_call')?.status;
}

/** The images that the chat shows as the tool's output, as paths of Open WebUI. */
export function storedImages({ stored }: Exchange): string[] {
  const outputs = (stored.output ?? []).flatMap((item) => (item.type === 'function_call_output' ? item.output : []));
  return outputs.flatMap((output) => (output.type === 'input_image' ? [output.image_url] : []));
}

/** The gateway's error body in `{"error":"HTTP error STATUS: BODY"}`, all that Open WebUI leaves of a response that is not 2xx. */
export function errorBodyOf({ toolResult }: Exchange, status: number): GatewayError {
  const { error } = JSON.parse(toolResult) as { error: string };
  const prefix = `HTTP error ${status}: `;
  assert.equal(error.slice(0, prefix.length), prefix, toolResult);
  return JSON.parse(error.slice(prefix.length)) as GatewayError;
}

export interface GatewayError {
  readonly error: { readonly type: string; readonly message: string; readonly correlation_id: string; readonly retry_after?: number };
}
