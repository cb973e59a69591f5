import { MAX_SEARCH_HITS } from '../limits.js';
import type { Priority, Task } from '../data/planner-data.js';
import { answer, defineTool, READS, refuseUnknownTask } from './planner-tool.js';
import { bucketId, dueDate, listSchema, objectSchema, planId, priority, taskId, taskSchema, titleSchema } from './schemas.js';

const DEFAULT_SEARCH_HITS = 20;

interface TaskFilter {
  plan_id?: string;
  bucket_id?: string;
  priority?: Priority;
  assignee?: string;
  completed?: boolean;
  due_from?: string;
  due_to?: string;
}

export const listTasks = defineTool<TaskFilter>(
  {
    name: 'list_tasks',
    title: 'List tasks',
    description:
      'List tasks by exact filters: plan, bucket, priority, assignee, completed, due dates; all tasks without any. ' +
      'Filters are combined with "and". To find words in titles use search_tasks.',
    inputSchema: objectSchema({
      plan_id: planId,
      bucket_id: bucketId,
      priority,
      assignee: titleSchema('Only tasks of this person, written as in the task; upper and lower case are the same.'),
      completed: { type: 'boolean', description: 'true: only completed tasks; false: only open ones.' },
      due_from: { ...dueDate, description: 'Only tasks due on this day or later, as YYYY-MM-DD.' },
      due_to: { ...dueDate, description: 'Only tasks due on this day or earlier, as YYYY-MM-DD.' },
    }),
    outputSchema: listSchema('tasks', taskSchema),
    annotations: READS,
  },
  (filter, { store }) => answer({ tasks: store.tasks().filter((task) => passes(task, filter)) }),
);

export const getTask = defineTool<{ task_id: string }>(
  {
    name: 'get_task',
    title: 'Get a task',
    description: 'Get one task by its id, with all its fields. To find a task whose id is not known use search_tasks or list_tasks.',
    inputSchema: objectSchema({ task_id: taskId }, ['task_id']),
    outputSchema: taskSchema,
    annotations: READS,
  },
  (args, { store }) => {
    const task = store.task(args.task_id);
    return task ? answer(task) : refuseUnknownTask(args.task_id);
  },
);

export const searchTasks = defineTool<{ query: string; limit?: number }>(
  {
    name: 'search_tasks',
    title: 'Search tasks',
    description: 'Search tasks by words in the title or assignees, in all plans. Every word must occur; upper and lower case are the same.',
    inputSchema: objectSchema(
      {
        query: titleSchema('Words to look for, separated by blanks.'),
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: MAX_SEARCH_HITS,
          default: DEFAULT_SEARCH_HITS,
          description: 'At most so many tasks.',
        },
      },
      ['query'],
    ),
    outputSchema: listSchema('tasks', taskSchema),
    annotations: READS,
  },
  ({ query, limit = DEFAULT_SEARCH_HITS }, { store }) => {
    const words = query.toLowerCase().trim().split(/\s+/);
    const hits = store.tasks().filter((task) => words.every((word) => searchText(task).includes(word)));
    return answer({ tasks: hits.slice(0, limit) });
  },
);

function passes(task: Task, filter: TaskFilter): boolean {
  return (
    (filter.plan_id === undefined || task.plan_id === filter.plan_id) &&
    (filter.bucket_id === undefined || task.bucket_id === filter.bucket_id) &&
    (filter.priority === undefined || task.priority === filter.priority) &&
    (filter.completed === undefined || task.completed === filter.completed) &&
    (filter.assignee === undefined || isAssignedTo(task, filter.assignee)) &&
    isDueBetween(task, filter.due_from, filter.due_to)
  );
}

function isAssignedTo(task: Task, name: string): boolean {
  return task.assignees.some((assignee) => assignee.toLowerCase() === name.toLowerCase());
}

/** Dates as YYYY-MM-DD compare as texts; a task without one is due at no time. */
function isDueBetween({ due_date: due }: Task, from: string | undefined, to: string | undefined): boolean {
  if (from === undefined && to === undefined) return true;
  return due !== undefined && (from === undefined || due >= from) && (to === undefined || due <= to);
}

function searchText(task: Task): string {
  return [task.title, ...task.assignees].join('\n').toLowerCase();
}
