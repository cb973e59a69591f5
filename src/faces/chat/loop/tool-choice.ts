import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import type { ToolOffer } from './tool-offers.service.js';

/** Whether a model may be offered tools of the gateway: not where its caller wants none called, several answers, or functions of the old kind. */
export function takesTools({ tool_choice: choice, functions, n }: JsonObject): boolean {
  return choice !== 'none' && (functions === undefined || functions === null) && (typeof n !== 'number' || n <= 1);
}

/**
 * `tool_choice` of a round. What must be called is called in the first round; were it asked for in each, the model could never answer.
 * A function that is named is the caller's, else the gateway's.
 */
function choiceOf(choice: unknown, round: number): unknown {
  if (round === 1) return choice;
  const { type, allowed_tools: allowed } = isJsonObject(choice) ? choice : {};
  if (type === 'allowed_tools' && isJsonObject(allowed)) return { type, allowed_tools: { ...allowed, mode: 'auto' } };
  const isForced = choice === 'required' || type === 'function';
  return isForced ? 'auto' : choice;
}

/** `tools` and `tool_choice` of a round: the caller's tools as they came, then the gateway's. */
export function toolsOf({ tools, tool_choice: choice }: JsonObject, offer: ToolOffer, round: number): JsonObject {
  const own = Array.isArray(tools) ? (tools as unknown[]) : [];
  const all = [...own, ...offer.definitions];
  if (all.length === 0) return {};
  const chosen = choiceOf(choice, round);
  return { tools: all, ...(chosen !== undefined && { tool_choice: chosen }) };
}
