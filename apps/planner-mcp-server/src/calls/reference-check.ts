import type { PlanStore } from '../data/plan-store.js';
import type { ArgumentProblem } from '../rpc-error.js';

interface References {
  readonly plan_id?: string;
  readonly bucket_id?: string;
  readonly tasks?: readonly References[];
}

/** The first plan or bucket that the arguments of any tool name and that does not exist; undefined when all do. */
export function firstUnknownReference(args: References, store: PlanStore, path = ''): ArgumentProblem | undefined {
  if (args.plan_id !== undefined && !store.plan(args.plan_id)) return { field: `${path}plan_id`, issue: 'no plan has this id' };
  const bucketIssue = args.bucket_id === undefined ? undefined : issueOfBucket(args.bucket_id, args.plan_id, store);
  if (bucketIssue !== undefined) return { field: `${path}bucket_id`, issue: bucketIssue };
  for (const [index, task] of (args.tasks ?? []).entries()) {
    const problem = firstUnknownReference(task, store, `${path}tasks.${index}.`);
    if (problem) return problem;
  }
  return undefined;
}

function issueOfBucket(bucketId: string, planId: string | undefined, store: PlanStore): string | undefined {
  const bucket = store.bucket(bucketId);
  if (!bucket) return 'no bucket has this id';
  return planId === undefined || bucket.plan_id === planId ? undefined : 'this bucket is in another plan';
}
