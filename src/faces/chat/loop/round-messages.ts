import type { JsonObject } from '@app/mcp-openapi';
import { argumentsAgain } from './read-arguments.js';
import { type ToolCall, toMessageCall } from './tool-calls.js';
import type { ToolRun } from './tool-runs.service.js';

/** What a model said and asked for, as a message of the conversation. */
export function askingMessage(text: string, calls: readonly ToolCall[]): JsonObject {
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    tool_calls: calls.map((call) => toMessageCall({ ...call, args: argumentsAgain(call.args) })),
  };
}

/** What came of calls, a message for each. */
export function resultMessages(runs: readonly ToolRun[]): JsonObject[] {
  return runs.map(({ call, text }) => ({ role: 'tool', tool_call_id: call.id, content: text }));
}

/** The images that came of them: messages of tools hold words only. */
export function imageMessages(runs: readonly ToolRun[]): JsonObject[] {
  return runs
    .filter(({ images }) => images.length > 0)
    .map(({ call, images }) => ({
      role: 'user',
      content: [
        { type: 'text', text: `What the tool ${call.name} showed (${call.id}):` },
        ...images.map((url) => ({ type: 'image_url', image_url: { url } })),
      ],
    }));
}
