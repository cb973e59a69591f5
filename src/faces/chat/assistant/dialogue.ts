import { hasProtoKey, isJsonObject, type JsonObject, type McpTool } from '@app/mcp-openapi';
import type { AssistantContext } from './assistant-types.js';
import { type AssistantQuestion, slotName } from './replies/questions.js';
import { Sentence } from './sentence/sentence.js';
import type { Slot } from './values/slots.js';
import { textToValue } from './values/text-to-value.js';
import { profileOf } from './tools/tool-profile.js';

/** The required slots that the arguments leave open. Of a list of several objects none is asked for: the schema judges it. */
export function missingSlots(tool: McpTool, args: JsonObject): Slot[] {
  return profileOf(tool).slots.filter(({ argument, property, isRequired }) => {
    if (!isRequired) return false;
    if (!Object.hasOwn(args, argument)) return true;
    const list = args[argument];
    if (property === undefined || !Array.isArray(list) || list.length !== 1) return false;
    return isJsonObject(list[0]) && !Object.hasOwn(list[0], property);
  });
}

/** The arguments with the answer among them; undefined when it answers no such question, or is something else that was said. */
export function answeredArguments(
  question: AssistantQuestion,
  tool: McpTool,
  text: string,
  context: AssistantContext,
): JsonObject | undefined {
  const slot = profileOf(tool).slots.find((one) => slotName(one) === question.argument);
  if (!slot || isSomethingElse(slot, text, context)) return undefined;
  const schema = slot.isList ? { type: 'array', items: slot.schema } : slot.schema;
  const value = textToValue(text, slot.property ?? slot.argument, schema, context);
  if (hasProtoKey(value)) return undefined;
  if (slot.property === undefined) return { ...question.arguments, [slot.argument]: value };
  const list = question.arguments[slot.argument];
  const known = Array.isArray(list) && isJsonObject(list[0]) ? list[0] : {};
  return { ...question.arguments, [slot.argument]: [{ ...known, [slot.property]: value }] };
}

/** `list my plans` is no id: what is no text of people's own is one word, or in quotes. */
function isSomethingElse({ kind, isList }: Slot, text: string, context: AssistantContext): boolean {
  if (isList || !['id', 'path', 'uri', 'number', 'boolean'].includes(kind)) return false;
  const { words } = new Sentence(text.slice(0, 1_000), context);
  return words.length > 3 && !text.startsWith('/') && !text.startsWith('~');
}
