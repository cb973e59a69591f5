import { MAX_TASKS } from '../limits.js';
import type { NewTask, TaskChanges } from '../data/plan-store.js';
import { ADDS, answer, CHANGES, defineTool, OVERWRITES, refuse, refuseUnknownTask } from './planner-tool.js';
import {
  assignees,
  bucketId,
  dueDate,
  newTaskProperties,
  objectSchema,
  planId,
  priority,
  taskId,
  taskSchema,
  titleSchema,
} from './schemas.js';

/** Why a task more is refused, for create_task and import_tasks. */
export const TASKS_FULL = `There are ${MAX_TASKS} tasks, which is the limit: delete some first.`;

export const createTask = defineTool<NewTask>(
  {
    name: 'create_task',
    title: 'Create a task',
    description: 'Create one task and return it with its id. Only the title is required. To create many at once use import_tasks.',
    inputSchema: {
      ...objectSchema(newTaskProperties, ['title']),
      examples: [{ title: 'Review quarterly reports', due_date: '2025-10-15' }],
    },
    outputSchema: taskSchema,
    annotations: ADDS,
  },
  (args, { store, createdBy }) => (store.roomForTasks > 0 ? answer(store.createTask(args, createdBy)) : refuse(TASKS_FULL)),
);

export const updateTask = defineTool<TaskChanges & { task_id: string }>(
  {
    name: 'update_task',
    title: 'Update a task',
    description:
      'Change fields of an existing task and return it: only the fields given are changed. To tick a task off use complete_task.',
    inputSchema: objectSchema(
      {
        task_id: taskId,
        title: titleSchema('The new title.'),
        due_date: { ...dueDate, type: ['string', 'null'], description: 'The new due date as YYYY-MM-DD; null takes the date away.' },
        plan_id: { ...planId, description: 'Moves the task to this plan, to its first bucket unless bucket_id is given.' },
        bucket_id: { ...bucketId, description: 'Moves the task to this bucket.' },
        priority,
        assignees: { ...assignees, description: 'The new assignees in place of the old ones; an empty list takes them away.' },
        completed: { type: 'boolean', description: 'false opens a completed task again.' },
      },
      ['task_id'],
    ),
    outputSchema: taskSchema,
    annotations: OVERWRITES,
  },
  ({ task_id: id, ...changes }, { store }) => {
    const task = store.task(id);
    if (!task) return refuseUnknownTask(id);
    if (Object.keys(changes).length === 0) return refuse('There is nothing to change: give at least one field beside task_id.');
    return answer(store.updateTask(task, changes));
  },
);

export const completeTask = defineTool<{ task_id: string }>(
  {
    name: 'complete_task',
    title: 'Complete a task',
    description: 'Mark one task as completed (done) and return it. The task is kept; to remove it use delete_task.',
    inputSchema: objectSchema({ task_id: taskId }, ['task_id']),
    outputSchema: taskSchema,
    annotations: CHANGES,
  },
  ({ task_id: id }, { store }) => {
    const task = store.task(id);
    if (!task) return refuseUnknownTask(id);
    if (task.completed) return refuse(`The task "${id}" is already completed.`);
    return answer(store.updateTask(task, { completed: true }));
  },
);

export const deleteTask = defineTool<{ task_id: string }>(
  {
    name: 'delete_task',
    title: 'Delete a task',
    description: 'Delete one task for good; it cannot be brought back. For work that is done use complete_task instead.',
    inputSchema: objectSchema({ task_id: taskId }, ['task_id']),
    outputSchema: objectSchema({ deleted: taskSchema }, ['deleted']),
    annotations: OVERWRITES,
  },
  ({ task_id: id }, { store }) => {
    const task = store.task(id);
    if (!task) return refuseUnknownTask(id);
    store.deleteTask(task);
    return answer({ deleted: task });
  },
);
