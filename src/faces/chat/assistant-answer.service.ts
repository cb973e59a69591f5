import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { Answer } from './answer/answer.js';
import type { AssistantMessage, AssistantTool } from './assistant/assistant-types.js';
import { type Completion, textOf } from './completion.js';
import { cut } from './loop/outcome-for-model.js';
import { ToolOffers } from './loop/tool-offers.service.js';
import { type RunsOfCompletion, ToolRuns } from './loop/tool-runs.service.js';

/** Open WebUI asks its user by a call of this name (contract of model providers there). */
const ASK_USER = 'ask_user';

interface AssistantRequest {
  readonly completion: Completion;
  readonly runs: RunsOfCompletion;
  readonly answer: Answer;
  readonly isOpenWebUi: boolean;
  /** It is asked for a title or the like. */
  readonly isTask: boolean;
}

/** Has the built-in assistant answer a completion: the one that needs no model. */
@Injectable()
export class AssistantAnswers {
  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'chat'>,
    private readonly offers: ToolOffers,
    private readonly toolRuns: ToolRuns,
  ) {}

  async run({ completion, runs, answer, isOpenWebUi, isTask }: AssistantRequest): Promise<void> {
    // Open WebUI reads JSON, and takes its own where there is nothing in it.
    if (isTask) return said(answer, '{}');
    // With the reader of dates, which few need.
    const { assistantTurn, outcomeToMarkdown } = await import('./assistant/assistant.js');
    const tools = (await this.offers.entriesFor(runs.caller)).map(toAssistantTool);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const context = { tools, now: new Date(), timeZone, canAsk: isOpenWebUi };
    const turn = assistantTurn(completion.messages.flatMap(toAssistantMessage), context);
    if (turn.kind === 'say') return said(answer, turn.text);
    const args = { text: JSON.stringify(turn.arguments), value: turn.arguments };
    answer.say(turn.text);
    if (turn.name === ASK_USER)
      return answer.finish('tool_calls', [{ id: `call_${runs.context.correlationId}`, name: ASK_USER, args: args.text, more: {} }]);
    answer.status(`Running ${turn.name}`, false);
    const outcome = await this.toolRuns.call(turn.name, args, runs);
    answer.status(`Ran ${turn.name}`, true);
    said(answer, cut(outcomeToMarkdown(turn.name, outcome), this.settings.chat.maxResultCharacters));
  }
}

function said(answer: Answer, text: string): void {
  answer.say(text);
  answer.finish('stop', []);
}

function toAssistantTool({ publishedName: name, server, tool, upstream }: CatalogEntry): AssistantTool {
  return { name, server, tool, isTrusted: upstream?.settings.trustAnnotations ?? false };
}

/** A question of its own by `ask_user`, and the answer to it, are messages like others. */
function toAssistantMessage(message: JsonObject): AssistantMessage[] {
  const { role, tool_calls: calls } = message;
  if (role === 'user') return [{ role, text: textOf(message) }];
  if (role === 'tool') return [{ role: 'user', text: answersIn(textOf(message)) }];
  if (role !== 'assistant') return [];
  const asked = Array.isArray(calls) ? calls.map(questionsIn) : [];
  return [{ role, text: [textOf(message), ...asked].filter(Boolean).join('\n\n') }];
}

function questionsIn(call: unknown): string {
  const { function: called } = isJsonObject(call) ? call : {};
  const { questions } = isJsonObject(called) ? objectIn(called['arguments']) : {};
  return Array.isArray(questions)
    ? questions.map((each) => (isJsonObject(each) && typeof each['question'] === 'string' ? each['question'] : '')).join('\n')
    : '';
}

/** `{"status":"answered","answers":{id: ...}}`, or `cancelled`. */
function answersIn(text: string): string {
  const { status, answers } = objectIn(text);
  if (!isJsonObject(answers)) return typeof status === 'string' ? status : text;
  return Object.values(answers)
    .flat()
    .map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    .join('\n');
}

function objectIn(text: unknown): JsonObject {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
