import { MAX_ASSIGNEES, MAX_TITLE_CHARS } from '../limits.js';
import { PRIORITIES } from '../data/planner-data.js';

type Schema = Record<string, unknown>;

/** An object schema in the form of an MCP tool's inputSchema and outputSchema: no property beyond those listed. */
export function objectSchema(properties: Record<string, Schema>, required: readonly string[] = []) {
  return { type: 'object' as const, properties, required: [...required], additionalProperties: false };
}

/** A text of 1 to MAX_TITLE_CHARS characters that are not all blank. */
export function titleSchema(description: string): Schema {
  return { type: 'string', pattern: '\\S', maxLength: MAX_TITLE_CHARS, description };
}

export const planId: Schema = { type: 'string', description: 'Id of a plan, as list_plans gives it, for example "abc123".' };
export const bucketId: Schema = { type: 'string', description: 'Id of a bucket, as list_buckets gives it.' };
export const taskId: Schema = {
  type: 'string',
  description: 'Id of a task, as list_tasks and search_tasks give it, for example "task_1".',
};
export const dueDate: Schema = { type: 'string', format: 'date', description: 'The day on which the task is due, as YYYY-MM-DD.' };
export const priority: Schema = { type: 'string', enum: PRIORITIES, description: 'How urgent the task is.' };
export const assignees: Schema = {
  type: 'array',
  items: titleSchema('A name or an e-mail address.'),
  maxItems: MAX_ASSIGNEES,
  description: 'Who does the task: names or e-mail addresses.',
};

/** The arguments of a new task, as create_task takes them and import_tasks takes many. */
export const newTaskProperties: Record<string, Schema> = {
  title: titleSchema('What there is to do.'),
  due_date: dueDate,
  plan_id: { ...planId, description: 'Id of the plan to put the task in; without it the first plan.' },
  bucket_id: { ...bucketId, description: 'Id of the bucket to put the task in; without it the first bucket of the plan.' },
  priority: { ...priority, default: 'medium' },
  assignees,
};

const timestamp: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC.' };
const creator: Schema = { type: 'string', description: "First 16 hex digits of the SHA-256 of the creator's token." };

export const planSchema = objectSchema({ id: planId, title: { type: 'string' }, created_at: timestamp, created_by: creator }, [
  'id',
  'title',
  'created_at',
]);

export const bucketSchema = objectSchema({ id: bucketId, plan_id: planId, title: { type: 'string' } }, ['id', 'plan_id', 'title']);

export const taskSchema = objectSchema(
  {
    id: taskId,
    title: { type: 'string' },
    plan_id: planId,
    bucket_id: bucketId,
    due_date: dueDate,
    priority,
    assignees: { type: 'array', items: { type: 'string' } },
    completed: { type: 'boolean' },
    created_at: timestamp,
    created_by: creator,
  },
  ['id', 'title', 'plan_id', 'bucket_id', 'priority', 'assignees', 'completed', 'created_at'],
);

/** `{[name]: [...]}`: how every list is answered. */
export function listSchema(name: string, items: Schema) {
  return objectSchema({ [name]: { type: 'array', items } }, [name]);
}
