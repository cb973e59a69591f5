import { closestNames, isJsonObject } from '@app/mcp-openapi';
import type { AssistantTool } from '../assistant-types.js';
import { code, inline, table } from './markdown.js';
import { slotName } from './questions.js';
import { indexOf } from '../tools/tool-index.js';
import { descriptionOf, profileOf, titleOf } from '../tools/tool-profile.js';
import type { Slot } from '../values/slots.js';

/** Of so many tools each is shown; of more the first. */
const MAX_SHOWN = 50;
const ASKED = /^\/?(?:help|\?|what can you do\??|what can i do\??)[.!?]*$/i;
const ASKED_OF = /^\/?help\s+(?:me\s+with\s+|with\s+)?[/`]?([\w.-]{1,128})`?[.!?]*$/i;

/** The answer to `help` and `help tool`; undefined for anything else, and for help with what is no tool. */
export function helpFor(text: string, tools: readonly AssistantTool[]): string | undefined {
  if (ASKED.test(text)) return allTools(tools);
  const name = ASKED_OF.exec(text)?.[1];
  if (name === undefined) return undefined;
  const one = indexOf(tools).named(name);
  return one ? oneTool(one) : `There is no tool ${code(name)}.${nearestNames(name, tools)} \`help\` lists the tools.`;
}

/** ` Did you mean ...?`, or nothing. */
export function nearestNames(name: string, tools: readonly AssistantTool[]): string {
  const close = closestNames(name, indexOf(tools).names);
  return close.length === 0 ? '' : ` Did you mean ${close.map((one) => code(one)).join(', ')}?`;
}

function allTools(tools: readonly AssistantTool[]): string {
  if (tools.length === 0) return 'There are no tools that you may use at the moment.';
  const rows = tools.slice(0, MAX_SHOWN).map((one) => [code(one.name), inline(firstSentence(one), 160)]);
  const more = tools.length > MAX_SHOWN ? `\n\nand ${tools.length - MAX_SHOWN} more.` : '';
  return `I run these tools:\n\n${table(['tool', 'what it does'], rows)}${more}\n\nSay what you want in plain words, or write \`/tool_name key=value\`. \`help tool_name\` tells what a tool takes.`;
}

function firstSentence({ tool }: AssistantTool): string {
  const description = descriptionOf(tool).slice(0, 400);
  return /^[^]*?[.!?](?=\s|$)/.exec(description)?.[0] ?? (description || titleOf(tool));
}

/** The nearest tools for a sentence that was not understood. */
export function toolList(tools: readonly AssistantTool[]): string {
  return tools.map((one) => `- ${code(one.name)}: ${inline(firstSentence(one), 160)}`).join('\n');
}

function oneTool(one: AssistantTool): string {
  const { slots } = profileOf(one.tool);
  const rows = slots.map((slot) => [
    code(slotName(slot)),
    slot.isRequired ? 'yes' : 'no',
    inline(typeWords(slot), 200),
    inline(slot.description, 300),
  ]);
  const parameters = rows.length === 0 ? 'It takes no arguments.' : table(['argument', 'required', 'type', 'what it is'], rows);
  return `${code(one.name)}: ${inline(descriptionOf(one.tool), 1000)}\n\n${parameters}\n\n${usage(one)}`;
}

/** How the tool is called by its name. */
export function usage({ name, tool }: AssistantTool): string {
  const { slots } = profileOf(tool);
  const needed = [...new Set(slots.filter(({ isRequired }) => isRequired).map(({ argument }) => argument))];
  const isNested = slots.some(({ isRequired, property, kind }) => isRequired && (property !== undefined || kind === 'json'));
  if (isNested) return `For example: ${code(`/${name} {${needed.map((one) => `"${one}": [...]`).join(', ')}}`)}`;
  return `For example: ${code(`/${name}${needed.map((one) => ` ${one}=...`).join('')}`)}`;
}

function typeWords({ kind, isList, choices, schema }: Slot): string {
  const type = choices.length > 0 ? `one of ${choices.slice(0, 20).join(', ')}` : kind === 'date' ? 'date' : wordOf(schema['type']);
  return isList ? `list of ${type}` : type;
}

function wordOf(type: unknown): string {
  if (Array.isArray(type)) return type.map(String).join(' or ');
  return typeof type === 'string' ? type : isJsonObject(type) ? 'object' : 'any';
}
