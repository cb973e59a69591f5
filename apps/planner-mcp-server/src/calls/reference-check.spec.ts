import { PlanStore } from '../data/plan-store.js';
import { firstData } from '../data/planner-data.js';
import { firstUnknownReference } from './reference-check.js';

describe('firstUnknownReference', () => {
  const store = new PlanStore(firstData(new Date()));
  const plan = store.createPlan('Release', ['Build']);

  it.each([
    [{ plan_id: 'nope' }, { field: 'plan_id', issue: 'no plan has this id' }],
    [{ bucket_id: 'nope' }, { field: 'bucket_id', issue: 'no bucket has this id' }],
    [
      { plan_id: plan.id, bucket_id: 'bucket_1' },
      { field: 'bucket_id', issue: 'this bucket is in another plan' },
    ],
    [{ tasks: [{}, { plan_id: 'nope' }] }, { field: 'tasks.1.plan_id', issue: 'no plan has this id' }],
    [{}, undefined],
    [{ plan_id: 'abc123', bucket_id: 'bucket_1', tasks: [{ bucket_id: 'bucket_2' }] }, undefined],
  ])('%j', (args, problem) => {
    expect(firstUnknownReference(args, store)).toEqual(problem);
  });
});
