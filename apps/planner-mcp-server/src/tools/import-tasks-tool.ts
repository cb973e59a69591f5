import { setTimeout as delay } from 'node:timers/promises';
import { MAX_IMPORT_DELAY_MS, MAX_TASKS_PER_IMPORT } from '../limits.js';
import type { NewTask } from '../data/plan-store.js';
import type { Task } from '../data/planner-data.js';
import { TASKS_FULL } from './change-task-tools.js';
import { ADDS, answer, defineTool, refuse, type ToolContext } from './planner-tool.js';
import { newTaskProperties, objectSchema, taskSchema } from './schemas.js';

const DEFAULT_DELAY_MS = 100;

export const importTasks = defineTool<{ tasks: NewTask[]; delay_ms?: number }>(
  {
    name: 'import_tasks',
    title: 'Import tasks',
    description:
      'Create many tasks in one call, one after the other, with progress. Each is given as create_task takes it. ' +
      'Cancelling stops it: the tasks made so far stay.',
    inputSchema: objectSchema(
      {
        tasks: {
          type: 'array',
          items: objectSchema(newTaskProperties, ['title']),
          minItems: 1,
          maxItems: MAX_TASKS_PER_IMPORT,
          description: 'The tasks to create, in order.',
        },
        delay_ms: {
          type: 'integer',
          minimum: 0,
          maximum: MAX_IMPORT_DELAY_MS,
          default: DEFAULT_DELAY_MS,
          description: 'Pause after each task, in milliseconds.',
        },
      },
      ['tasks'],
    ),
    outputSchema: objectSchema({ imported: { type: 'integer', minimum: 0 }, tasks: { type: 'array', items: taskSchema } }, [
      'imported',
      'tasks',
    ]),
    annotations: ADDS,
  },
  async ({ tasks, delay_ms: delayMs = DEFAULT_DELAY_MS }, context) => {
    const created: Task[] = [];
    for (const fields of tasks) {
      // Asked before each task: other calls may take the room during the pauses.
      if (context.store.roomForTasks < tasks.length - created.length) return refuse(fullSentence(created.length, tasks.length));
      created.push(context.store.createTask(fields, context.createdBy));
      await context.progress(created.length, tasks.length, `Created "${fields.title}".`);
      await pause(delayMs, context);
      if (context.signal.aborted) break;
    }
    return answer({ imported: created.length, tasks: created });
  },
);

function fullSentence(created: number, wanted: number): string {
  return created === 0
    ? `${TASKS_FULL} None of the ${wanted} tasks was created.`
    : `${TASKS_FULL} Only the first ${created} of ${wanted} were created.`;
}

/** Ends early, and without an error, when the call is cancelled: the caller looks at the signal. */
async function pause(ms: number, { signal }: ToolContext): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
