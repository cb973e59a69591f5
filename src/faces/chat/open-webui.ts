import type { IncomingHttpHeaders } from 'node:http';
import { type Completion, textOf } from './completion.js';

/** The value of a header that the template `{{TASK}}` made; where it is the template itself Open WebUI does not know it. */
const TASK = /^[\w-]*$/;
const TASK_PROMPT = '### Task:';

/**
 * Whether this asks for a title, tags, follow-ups and the like: it runs no tool, whatever it quotes. By a header `X-Task: {{TASK}}`, which is
 * empty for a chat; without it by its form: not streamed, no tools, one message of a user that starts with `### Task:`.
 */
export function isTask({ messages, isStreamed, ownTools }: Completion, headers: IncomingHttpHeaders): boolean {
  const told = headers['x-task'];
  if (typeof told === 'string' && TASK.test(told)) return told !== '';
  if (isStreamed || ownTools.size > 0) return false;
  // A model of a workspace may bring a system prompt.
  const [said, ...more] = messages.filter(({ role }) => role !== 'system' && role !== 'developer');
  return said !== undefined && more.length === 0 && said['role'] === 'user' && textOf(said).trimStart().startsWith(TASK_PROMPT);
}

/** What Open WebUI shows above the answer, until one that is done takes its place. */
export function statusEvent(description: string, done: boolean): object {
  return { event: { type: 'status', data: { description, done } } };
}
