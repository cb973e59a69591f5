import type { PlanStore } from '../data/plan-store.js';
import { PRIORITIES, type Plan, type Task } from '../data/planner-data.js';
import { priorityChart } from '../chart/png-chart.js';
import { defineTool, READS } from './planner-tool.js';
import { bucketId, objectSchema, planId } from './schemas.js';

const count = { type: 'integer', minimum: 0 };
const openAndCompleted = { open: count, completed: count };
const openAndCompletedSchema = objectSchema(openAndCompleted, ['open', 'completed']);

export const planReport = defineTool<{ plan_id?: string }>(
  {
    name: 'plan_report',
    title: 'Report on a plan',
    description:
      'Report how far a plan is: counts of open, completed and overdue tasks, by priority and bucket, and a PNG chart. ' +
      'Reports on the first plan when plan_id is left out. For the tasks themselves use list_tasks.',
    inputSchema: objectSchema({ plan_id: planId }),
    outputSchema: objectSchema(
      {
        plan_id: planId,
        title: { type: 'string' },
        total: count,
        ...openAndCompleted,
        overdue: { ...count, description: 'Open tasks whose due date is before today (UTC).' },
        by_priority: objectSchema(Object.fromEntries(PRIORITIES.map((name) => [name, openAndCompletedSchema])), PRIORITIES),
        by_bucket: {
          type: 'array',
          items: objectSchema({ bucket_id: bucketId, title: { type: 'string' }, ...openAndCompleted }, [
            'bucket_id',
            'title',
            'open',
            'completed',
          ]),
        },
      },
      ['plan_id', 'title', 'total', 'open', 'completed', 'overdue', 'by_priority', 'by_bucket'],
    ),
    annotations: READS,
  },
  (args, { store }) => {
    const plan = (args.plan_id !== undefined && store.plan(args.plan_id)) || store.firstPlan();
    const report = reportOf(plan, store);
    return { kind: 'value', value: report, png: priorityChart(report.by_priority) };
  },
);

function reportOf(plan: Plan, store: PlanStore) {
  const tasks = store.tasks().filter((task) => task.plan_id === plan.id);
  const today = store.now().toISOString().slice(0, 'YYYY-MM-DD'.length);
  return {
    plan_id: plan.id,
    title: plan.title,
    total: tasks.length,
    ...countOf(tasks),
    overdue: tasks.filter((task) => !task.completed && task.due_date !== undefined && task.due_date < today).length,
    by_priority: {
      low: countOf(tasks.filter((task) => task.priority === 'low')),
      medium: countOf(tasks.filter((task) => task.priority === 'medium')),
      high: countOf(tasks.filter((task) => task.priority === 'high')),
      urgent: countOf(tasks.filter((task) => task.priority === 'urgent')),
    },
    by_bucket: store.buckets(plan.id).map((bucket) => ({
      bucket_id: bucket.id,
      title: bucket.title,
      ...countOf(tasks.filter((task) => task.bucket_id === bucket.id)),
    })),
  };
}

function countOf(tasks: readonly Task[]): { open: number; completed: number } {
  const completed = tasks.filter((task) => task.completed).length;
  return { open: tasks.length - completed, completed };
}
