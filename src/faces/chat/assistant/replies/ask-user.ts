import type { JsonObject } from '@app/mcp-openapi';
import type { AssistantTool } from '../assistant-types.js';
import { type AssistantQuestion, questionOf, slotName } from './questions.js';
import { indexOf } from '../tools/tool-index.js';
import { profileOf } from '../tools/tool-profile.js';

/** Open WebUI asks its user by a call of this name. */
export const ASK_USER = 'ask_user';
/** Longest time that it gives for an answer. */
const TIMEOUT_MS = 240_000;
const MAX_QUESTION = 500;
const MAX_LABEL = 80;
const MAX_OPTIONS = 3;

interface Option {
  readonly label: string;
  readonly description: string;
}

/** The question that these words are, as the arguments of such a call; undefined for one whose answer is no choice: it is written. */
export function askUserArguments(text: string, tools: readonly AssistantTool[]): JsonObject | undefined {
  const question = questionOf(text);
  const options = question && optionsOf(question, text, tools);
  if (!question || !options) return undefined;
  const [first = ''] = text.split('\n');
  const asked = { id: question.kind, header: question.name.slice(0, 48), question: first.slice(0, MAX_QUESTION), options };
  return { questions: [asked], allow_other: true, timeout_ms: TIMEOUT_MS };
}

/** The first is shown as recommended: what may destroy is not. */
function optionsOf(question: AssistantQuestion, text: string, tools: readonly AssistantTool[]): Option[] | undefined {
  if (question.kind === 'argument') return choicesOf(question, tools);
  const [yes, no] = [
    { label: 'Yes', description: 'Run it.' },
    { label: 'No', description: 'Run nothing.' },
  ];
  return text.includes('It may destroy') ? [no, yes] : [yes, no];
}

function choicesOf({ name, argument }: AssistantQuestion, tools: readonly AssistantTool[]): Option[] | undefined {
  const one = indexOf(tools).named(name);
  const slot = one && profileOf(one.tool).slots.find((each) => slotName(each) === argument);
  const choices = slot?.choices ?? [];
  if (choices.length < 2 || choices.length > MAX_OPTIONS || choices.some((choice) => choice === '' || choice.length > MAX_LABEL)) return;
  return choices.map((label) => ({ label, description: `${argument}: ${label}` }));
}
