import * as chrono from 'chrono-node';
import { type ChatMessage, type ChatRequest, textOf } from './chat-request.ts';

/** The question a person asks in the browser; the model turns it into a `create_task`. */
export const SPOKEN_QUESTION = 'create a task to review the quarterly reports by Friday';
/** The arguments of that call. */
export const SPOKEN_ARGUMENTS = { title: 'Review quarterly reports', due_date: '2025-10-17', plan_id: 'abc123' } as const;
/** The answer to that question, as the page shows it. */
export const SPOKEN_ANSWER = 'Done: I created the task “Review quarterly reports”, due 2025-10-17, in plan abc123.';

/** Another, which it turns into an `import_tasks` that takes a few seconds. */
export const SPOKEN_IMPORT = 'import the tasks of the quarterly review';
const IMPORT_ARGUMENTS = { tasks: ['Agenda', 'Figures', 'Charts', 'Summary'].map((title) => ({ title })), delay_ms: 2_000 };

/** What a person asks the models of the gateway; the model behind it turns it into a `create_task`. */
export const CHAT_QUESTION = 'Create a task to review the quarterly reports by Friday';

/** The next Friday, `YYYY-MM-DD`: on a Friday this very day. */
export function fridayFrom(now: Date): string {
  const date = chrono.parseDate('Friday', now, { forwardDate: true }) as Date;
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => `${part}`.padStart(2, '0')).join('-');
}

/** What the model says next: a tool to call, or its answer. */
export type Reply = Spoken | { readonly kind: 'trouble'; readonly what: string };

/** One that is no trouble. */
export type Spoken =
  | { readonly kind: 'tool_call'; readonly name: string; readonly argumentsText: string }
  | { readonly kind: 'answer'; readonly text: string };

interface ScriptedCall {
  readonly name: string;
  readonly argumentsText: string;
  answer(result: string): string;
}

/** `call:NAME {json}` calls that tool, if it is offered, and then answers `RESULT ` and what the tool said. */
export function nextReply({ messages, tools = [] }: ChatRequest): Reply {
  const last = messages.at(-1);
  const trouble = last && /^(?:event:|endless:|fail:(?:before|within))$/.exec(textOf(last).trim());
  if (trouble) return { kind: 'trouble', what: trouble[0] };
  const questionIndex = messages.findLastIndex((message) => message.role === 'user' && scriptedCall(message));
  const question = messages[questionIndex];
  const call = question && scriptedCall(question);
  if (!call) return { kind: 'answer', text: 'I was asked nothing that is in my script.' };
  const result = messages.slice(questionIndex).find((message) => message.role === 'tool');
  if (result) return { kind: 'answer', text: call.answer(textOf(result)) };
  const isOffered = tools.some((tool) => tool.function.name === call.name);
  return isOffered ? { kind: 'tool_call', ...call } : { kind: 'answer', text: `NOT OFFERED ${call.name}` };
}

function scriptedCall(message: ChatMessage): ScriptedCall | undefined {
  const text = textOf(message).trim();
  if (text === SPOKEN_QUESTION) {
    return { name: 'create_task', argumentsText: JSON.stringify(SPOKEN_ARGUMENTS), answer: describeTask };
  }
  if (text === CHAT_QUESTION) {
    const args = { title: 'review the quarterly reports', due_date: fridayFrom(new Date()) };
    return { name: 'create_task', argumentsText: JSON.stringify(args), answer: describeTask };
  }
  if (text === SPOKEN_IMPORT) {
    return { name: 'import_tasks', argumentsText: JSON.stringify(IMPORT_ARGUMENTS), answer: () => 'Done: the tasks are in the plan.' };
  }
  const [, name, argumentsText = '{}'] = /^call:([\w-]+)\s*(\{.*\})?$/s.exec(text) ?? [];
  return name === undefined ? undefined : { name, argumentsText, answer: (result) => `RESULT ${result}` };
}

function describeTask(result: string): string {
  try {
    const task = JSON.parse(result) as { title: string; due_date: string; plan_id: string };
    return `Done: I created the task “${task.title}”, due ${task.due_date}, in plan ${task.plan_id}.`;
  } catch {
    return `That did not work: ${result}`;
  }
}
