import { MAX_BUCKETS_PER_PLAN, MAX_PLANS } from '../limits.js';
import { ADDS, answer, defineTool, READS, refuse } from './planner-tool.js';
import { bucketSchema, listSchema, objectSchema, planId, planSchema, titleSchema } from './schemas.js';

const DEFAULT_BUCKETS = ['To do', 'In progress'];

export const listPlans = defineTool(
  {
    name: 'list_plans',
    title: 'List plans',
    description: 'List every plan with its id and title. Plans hold buckets, buckets hold tasks; other tools take the plan ids given here.',
    inputSchema: objectSchema({}),
    outputSchema: listSchema('plans', planSchema),
    annotations: READS,
  },
  (_args, { store }) => answer({ plans: store.plans() }),
);

export const createPlan = defineTool<{ title: string; buckets?: string[] }>(
  {
    name: 'create_plan',
    title: 'Create a plan',
    description: 'Create a new, empty plan (not a task) with its buckets, and return it with its id. Titles need not be unique.',
    inputSchema: objectSchema(
      {
        title: titleSchema('Title of the plan.'),
        buckets: {
          type: 'array',
          items: titleSchema('Title of a bucket.'),
          minItems: 1,
          maxItems: MAX_BUCKETS_PER_PLAN,
          default: DEFAULT_BUCKETS,
          description: 'Titles of its buckets, in order; a new task goes to the first one unless it names another.',
        },
      },
      ['title'],
    ),
    outputSchema: planSchema,
    annotations: ADDS,
  },
  ({ title, buckets = DEFAULT_BUCKETS }, { store, createdBy }) =>
    store.hasRoomForPlan
      ? answer(store.createPlan(title, buckets, createdBy))
      : refuse(`There are ${MAX_PLANS} plans, which is the limit.`),
);

export const listBuckets = defineTool<{ plan_id?: string }>(
  {
    name: 'list_buckets',
    title: 'List buckets',
    description: 'List the buckets (columns) of one plan, or of all plans when plan_id is left out, in the order of the board.',
    inputSchema: objectSchema({ plan_id: planId }),
    outputSchema: listSchema('buckets', bucketSchema),
    annotations: READS,
  },
  (args, { store }) => answer({ buckets: store.buckets(args.plan_id) }),
);
