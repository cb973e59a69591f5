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

/** What the model says next: a tool to call, or its answer. */
export type Reply =
  | { readonly kind: 'tool_call'; readonly name: string; readonly argumentsText: string }
  | { readonly kind: 'answer'; readonly text: string };

interface ScriptedCall {
  readonly name: string;
  readonly argumentsText: string;
  answer(result: string): string;
}

/** `call:NAME {json}` calls that tool, if it is offered, and then answers `RESULT ` and what the tool said. */
export function nextReply({ messages, tools = [] }: ChatRequest): Reply {
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
