import { completeTask, createTask, deleteTask, updateTask } from './change-task-tools.js';
import { getTask, listTasks, searchTasks } from './find-task-tools.js';
import { importTasks } from './import-tasks-tool.js';
import { planReport } from './plan-report-tool.js';
import { createPlan, listBuckets, listPlans } from './plan-tools.js';
import type { PlannerTool } from './planner-tool.js';

/** Every tool by its name, in the order of tools/list. */
export const TOOLS: ReadonlyMap<string, PlannerTool> = new Map(
  [
    listPlans,
    createPlan,
    listBuckets,
    listTasks,
    getTask,
    createTask,
    updateTask,
    completeTask,
    deleteTask,
    searchTasks,
    importTasks,
    planReport,
  ].map((tool) => [tool.definition.name, tool]),
);
