import { type ArgumentsValidator, compileValidator, type JsonObject, perTool, type McpTool } from '@app/mcp-openapi';
import type { AssistantContext, AssistantMessage, AssistantTool, AssistantTurn } from './assistant-types.js';
import { type Candidate, rankTools } from './tools/choose-tool.js';
import { answeredArguments, missingSlots } from './dialogue.js';
import { helpFor, nearestNames, toolList, usage } from './replies/help.js';
import { kindOfVerb } from './sentence/lexicon.js';
import { code, inline } from './replies/markdown.js';
import { hasName, isNoCommand, namesTool } from './tools/named-tool.js';
import { argumentQuestion, type AssistantQuestion, confirmation, isNo, isYes, questionOf } from './replies/questions.js';
import { readArguments } from './values/argument-reader.js';
import { MAX_WORDS } from './sentence/read-words.js';
import { Sentence } from './sentence/sentence.js';
import { readSlashArguments, type SlashCommand, slashCommandOf } from './slash-command.js';
import { indexOf } from './tools/tool-index.js';
import { profileOf, riskOf } from './tools/tool-profile.js';

export type { AssistantContext, AssistantMessage, AssistantTool } from './assistant-types.js';
export { ASK_USER, askUserArguments } from './replies/ask-user.js';
export { outcomeToMarkdown } from './replies/outcome-to-markdown.js';
export { prepareIndex } from './tools/tool-index.js';
export { questionOf } from './replies/questions.js';

/** A sentence is read up to so many characters; commands with JSON may be longer. */
const MAX_SENTENCE = 4_000;
/** Below this a tool explains the sentence too badly to be meant. */
const SURE = 1.5;
/** By so much the likeliest tool explains it better than the next, or nobody knows which is meant; what changes nothing may be guessed. */
const MARGIN = 0.25;
const NEAREST = 3;

/**
 * What the assistant does next. Deterministic and stateless: its state is the conversation. Loads the reader of dates, so the module is imported
 * when the first chat asks for it.
 */
export function assistantTurn(messages: readonly AssistantMessage[], context: AssistantContext): AssistantTurn {
  const last = messages.at(-1);
  const text = last?.role === 'user' ? last.text.trim() : '';
  if (text === '') return say('Say what I shall do, or `help`.');
  const question = pendingQuestion(messages);
  const command = slashCommandOf(text);
  const isTool = command !== undefined && indexOf(context.tools).named(command.name) !== undefined;
  if (command && (isTool || (!question && !/^help$/i.test(command.name)))) return runCommand(command, context);
  const help = helpFor(text, context.tools);
  if (help !== undefined) return say(help);
  return (question && answerTo(question, messages, text, context)) ?? understand(text, context);
}

function say(text: string): AssistantTurn {
  return { kind: 'say', text };
}

function pendingQuestion(messages: readonly AssistantMessage[]): AssistantQuestion | undefined {
  const before = messages.at(-2);
  return before?.role === 'assistant' ? questionOf(before.text) : undefined;
}

function runCommand(command: SlashCommand, context: AssistantContext): AssistantTurn {
  const one = indexOf(context.tools).named(command.name);
  if (!one) return say(`There is no tool ${code(command.name)}.${nearestNames(command.name, context.tools)} \`help\` lists the tools.`);
  const read = readSlashArguments(command.rest, one.tool, context);
  if ('problem' in read) return say(`${read.problem} Nothing was run. ${usage(one)}`);
  return proceed(one, read.arguments, true, context);
}

/** Undefined when what was said is no answer to the question. */
function answerTo(
  question: AssistantQuestion,
  messages: readonly AssistantMessage[],
  text: string,
  context: AssistantContext,
): AssistantTurn | undefined {
  if (isNo(text)) return say('Nothing was run.');
  const one = indexOf(context.tools).named(question.name);
  if (!one) return say(`There is no tool ${code(question.name)} any more. Nothing was run.`);
  if (question.kind === 'confirm') {
    if (isYes(text)) return checked(one, question.arguments) ?? run(one, question.arguments);
    const other = understand(text, context);
    return other.kind === 'run' || questionOf(other.text) ? other : say(messages.at(-2)!.text);
  }
  const args = answeredArguments(question, one.tool, text, context);
  if (args === undefined) return undefined;
  const slot = profileOf(one.tool).slots.find((each) => each.argument === question.argument?.split('.')[0]);
  const problem = problemsOf(one, args).find(
    ({ field }) => slot && field.startsWith(slot.argument) && missingSlots(one.tool, args).length === 0,
  );
  if (problem && slot)
    return say(argumentQuestion(one.name, slot, question.arguments, ` (${inline(text, 60)} does not fit: ${inline(problem.issue, 200)}.)`));
  return proceed(one, args, wasNamed(messages, one, context), context);
}

/** Did the message that the questions began with name the tool, so that nothing of it was guessed? */
function wasNamed(messages: readonly AssistantMessage[], one: AssistantTool, context: AssistantContext): boolean {
  let index = messages.length - 1;
  while (index >= 2 && messages[index - 1]!.role === 'assistant' && questionOf(messages[index - 1]!.text)?.name === one.name) index -= 2;
  const origin = messages[index]!;
  if (origin.role !== 'user') return false;
  if (slashCommandOf(origin.text)?.name === one.name) return true;
  const sentence = new Sentence(origin.text.trim().slice(0, MAX_SENTENCE), context);
  return namesTool(sentence, one) && readArguments(sentence, profileOf(one.tool)).isPlain;
}

function understand(text: string, context: AssistantContext): AssistantTurn {
  if (text.length > MAX_SENTENCE)
    return say(`That is too long for me: I read up to ${MAX_SENTENCE} characters. \`/tool_name {...}\` takes more.`);
  const sentence = new Sentence(text, context);
  if (sentence.words.length >= MAX_WORDS)
    return say(`That is too long for me: I read up to ${MAX_WORDS - 1} words. \`/tool_name {...}\` takes more.`);
  const ranked = rankTools(sentence, context.tools);
  const best = ranked[0];
  if (!best || !isSure(sentence, best, ranked[1])) return unsure(ranked);
  if (!isReadOnly(best.one) && saysChange(best.one) && isNoCommand(sentence)) return unsure(ranked);
  return proceed(best.one, best.reading.arguments, best.isNamed && best.reading.isPlain, context);
}

function isSure(sentence: Sentence, best: Candidate, next: Candidate | undefined): boolean {
  if (hasName(sentence, best.one)) return true;
  if (best.score < SURE) return false;
  return isReadOnly(best.one) || next === undefined || best.score - next.score >= MARGIN;
}

/** By its name, as far as that tells: `get_info` of a server whose hints are not believed may be asked about. */
function saysChange({ tool }: AssistantTool): boolean {
  const { verb } = profileOf(tool);
  return verb === undefined || kindOfVerb(verb) !== 'read';
}

function isReadOnly({ tool, isTrusted }: AssistantTool): boolean {
  return riskOf(tool, isTrusted) === 'none';
}

function unsure(ranked: readonly Candidate[]): AssistantTurn {
  const near = ranked.filter(({ score }) => score > 0).slice(0, NEAREST);
  if (near.length === 0) return say('I am not sure what to do with that, and ran nothing. `help` lists the tools.');
  return say(
    `I am not sure which tool you mean, and ran nothing. The nearest are:\n\n${toolList(near.map(({ one }) => one))}\n\n\`help tool_name\` tells what a tool takes.`,
  );
}

/** Asks for what is missing, then whether to run, unless the tool was named or changes nothing; then runs. */
function proceed(one: AssistantTool, args: JsonObject, isNamed: boolean, context: AssistantContext): AssistantTurn {
  const [missing] = missingSlots(one.tool, args);
  if (missing) return say(argumentQuestion(one.name, missing, args));
  const wrong = checked(one, args);
  if (wrong) return wrong;
  const risk = riskOf(one.tool, one.isTrusted);
  if (risk === 'none' || (risk === 'changes' && isNamed)) return run(one, args);
  const why = risk === 'destroys' ? 'It may destroy or overwrite things.' : 'It may change things.';
  return say(confirmation(one.name, args, why, context.canAsk));
}

const validatorOf = perTool<McpTool, ArgumentsValidator, [AssistantTool['judged']]>(({ inputSchema }, { validation: mode, formats }) =>
  compileValidator(inputSchema, { mode, formats }),
);

function problemsOf({ tool, judged }: AssistantTool, args: JsonObject) {
  return validatorOf(tool, judged).problems(args);
}

/** Nothing runs with arguments that its call would be refused for. */
function checked(one: AssistantTool, args: JsonObject): AssistantTurn | undefined {
  const problems = problemsOf(one, args);
  if (problems.length === 0) return undefined;
  const told = problems.slice(0, 5).map(({ field, issue }) => `- ${code(field)}: ${inline(issue, 300)}`);
  return say(`These arguments do not fit ${code(one.name)}, so nothing was run:\n\n${told.join('\n')}\n\n${usage(one)}`);
}

function run(one: AssistantTool, args: JsonObject): AssistantTurn {
  const told = Object.entries(args).map(
    ([name, value]) => `${code(name)}: ${inline(typeof value === 'string' ? value : JSON.stringify(value), 100)}`,
  );
  return {
    kind: 'run',
    name: one.name,
    arguments: args,
    text: `Running ${code(one.name)}${told.length > 0 ? ` with ${told.join(', ')}` : ''}.`,
  };
}
