import { MAX_PLANS, MAX_TASKS } from '../limits.js';
import { PlanStore } from './plan-store.js';
import { firstData } from './planner-data.js';

describe('PlanStore', () => {
  const now = new Date('2025-10-01T12:00:00.000Z');
  const newStore = () => new PlanStore(firstData(now), () => now);
  const created = { priority: 'medium', assignees: [], completed: false, created_at: '2025-10-01T12:00:00.000Z' };

  it('puts a task into the named bucket, else the named plan, else the first plan', () => {
    const store = newStore();
    const plan = store.createPlan('Release', ['Build', 'Ship']);
    const [build, ship] = store.buckets(plan.id);
    expect(store.createTask({ title: 'a' })).toEqual({ id: 'task_5', title: 'a', plan_id: 'abc123', bucket_id: 'bucket_1', ...created });
    expect(store.createTask({ title: 'b', plan_id: plan.id })).toMatchObject({ plan_id: plan.id, bucket_id: build?.id });
    expect(store.createTask({ title: 'c', bucket_id: ship?.id })).toMatchObject({ plan_id: plan.id, bucket_id: ship?.id });
  });

  it('gives no id twice, not after a deletion nor to the first buckets', () => {
    const store = newStore();
    const [first, second] = [store.createTask({ title: 'a' }), store.createTask({ title: 'b' })];
    store.deleteTask(second);
    const third = store.createTask({ title: 'c' });
    store.createPlan('Release', ['x', 'y']);
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    expect(new Set(store.buckets().map((bucket) => bucket.id)).size).toBe(4);
    expect(store.buckets('abc123')).toHaveLength(2);
  });

  it('changes only what it is given', () => {
    const store = newStore();
    const task = store.createTask({ title: 'a', due_date: '2025-10-15', assignees: ['Ada'] }, 'digest');
    expect(store.updateTask(task, { priority: 'high' })).toEqual({ ...task, priority: 'high' });
    const undated = store.updateTask(task, { due_date: null });
    expect(undated).toEqual({ ...task, due_date: undefined });
    expect(undated).not.toHaveProperty('due_date');
    expect(store.task(task.id)).toBe(undated);
  });

  it('moves a task with its plan, and leaves its bucket when the plan stays', () => {
    const store = newStore();
    const plan = store.createPlan('Release', ['Build']);
    const task = store.createTask({ title: 'a', bucket_id: 'bucket_2' });
    expect(store.updateTask(task, { plan_id: 'abc123' })).toMatchObject({ plan_id: 'abc123', bucket_id: 'bucket_2' });
    expect(store.updateTask(task, { plan_id: plan.id })).toMatchObject({ plan_id: plan.id, bucket_id: store.buckets(plan.id)[0]?.id });
  });

  it('comes back from its data as it was', () => {
    const store = newStore();
    store.createPlan('Release', ['Build'], 'digest');
    store.createTask({ title: 'a' });
    const copy = new PlanStore(structuredClone(store.data()), () => now);
    expect(copy.data()).toEqual(store.data());
    expect(copy.createTask({ title: 'b' })).toEqual(store.createTask({ title: 'b' }));
  });

  it('knows when it is full', () => {
    const store = newStore();
    for (let count = 1; count < MAX_TASKS; count++) store.createTask({ title: 'a' });
    expect(store.roomForTasks).toBe(1);
    store.createTask({ title: 'last' });
    expect(store.roomForTasks).toBe(0);
    for (let count = 1; count < MAX_PLANS; count++) store.createPlan('p', ['b']);
    expect(store.hasRoomForPlan).toBe(false);
  });
});
