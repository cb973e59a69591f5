import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { DEFAULT_TRANSLATION } from '../../config/upstream-settings.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { Answer } from './answer/answer.js';
import type { AssistantMessage, AssistantTool } from './assistant/assistant-types.js';
import { type Completion, textOf } from './completion.js';
import { cut } from './loop/outcome-for-model.js';
import { ToolOffers } from './loop/tool-offers.service.js';
import { type RunsOfCompletion, ToolRuns } from './loop/tool-runs.service.js';

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
    const assistant = await import('./assistant/assistant.js');
    const tools = (await this.offers.entriesFor(runs.caller)).map(toAssistantTool);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    // One who was asked in vain is asked in words.
    const unasked = questionInVain(completion.messages);
    if (unasked !== undefined) return said(answer, unasked);
    const mayCall = completion.body['tool_choice'] !== 'none';
    const canAsk = isOpenWebUi && completion.isStreamed && mayCall;
    const turn = assistant.assistantTurn(completion.messages.flatMap(toAssistantMessage), { tools, now: new Date(), timeZone, canAsk });
    if (turn.kind !== 'say' && !mayCall) return said(answer, `Nothing was run: the request forbids calls (\`tool_choice\` is \`none\`).`);
    answer.say(turn.text);
    if (turn.kind === 'say') {
      const asked = canAsk ? assistant.askUserArguments(turn.text, tools) : undefined;
      if (!asked) return answer.finish('stop', []);
      const call = { id: `call_${randomUUID().replaceAll('-', '')}`, name: assistant.ASK_USER, args: JSON.stringify(asked), more: {} };
      return answer.finish('tool_calls', [call]);
    }
    const args = { text: JSON.stringify(turn.arguments), value: turn.arguments };
    answer.status(`Running ${turn.name}`, false);
    const outcome = await this.toolRuns.call(turn.name, args, runs);
    if (runs.signal.aborted) throw new Error('The answer was given up.');
    answer.status(`Ran ${turn.name}`, true);
    said(answer, cut(assistant.outcomeToMarkdown(turn.name, outcome), this.settings.chat.maxResultCharacters));
  }
}

function said(answer: Answer, text: string): void {
  answer.say(text);
  answer.finish('stop', []);
}

function toAssistantTool({ publishedName: name, server, tool, upstream }: CatalogEntry): AssistantTool {
  const settings = upstream?.settings;
  return { name, server, tool, isTrusted: settings?.trustAnnotations ?? false, judged: settings ?? DEFAULT_TRANSLATION };
}

/** The words of a question by `ask_user` are those of its message; what came of it is what the user says. */
function toAssistantMessage(message: JsonObject): AssistantMessage[] {
  const { role } = message;
  if (role === 'user' || role === 'assistant') return [{ role, text: textOf(message) }];
  return role === 'tool' ? [{ role: 'user', text: answerIn(textOf(message)) ?? '' }] : [];
}

/** What the assistant asked last, where nobody could be asked: no page is open, or Open WebUI is too old for it. */
function questionInVain(messages: readonly JsonObject[]): string | undefined {
  const [asking, told] = messages.slice(-2);
  if (!asking || told?.['role'] !== 'tool' || answerIn(textOf(told)) !== undefined) return undefined;
  return textOf(asking) || undefined;
}

/** `{"status":"answered","answers":{id: ...}}`, or `cancelled`; undefined where nobody was asked. */
function answerIn(text: string): string | undefined {
  const { status, answers } = objectIn(text);
  if (status === 'cancelled' || text.includes('rejected by user')) return 'cancel';
  if (status !== 'answered' || !isJsonObject(answers)) return undefined;
  return Object.values(answers).flat().map(words).join('\n');
}

/** A text, or, as the page tells it, an option with its label, or another text. */
function words(value: unknown): string {
  if (typeof value === 'string') return value;
  const { label, text } = isJsonObject(value) ? value : {};
  return [label, text].find((each) => typeof each === 'string') ?? '';
}

function objectIn(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
