import { MAX_PLANS, MAX_TASKS } from '../limits.js';
import type { Bucket, Plan, PlannerData, Priority, Task } from './planner-data.js';

/** What a caller decides about a new task. */
export interface NewTask {
  readonly title: string;
  readonly due_date?: string;
  readonly plan_id?: string;
  readonly bucket_id?: string;
  readonly priority?: Priority;
  readonly assignees?: readonly string[];
}

/** What a caller changes of a task; `due_date: null` takes the date away. */
export type TaskChanges = Partial<Omit<NewTask, 'due_date'>> & { readonly due_date?: string | null; readonly completed?: boolean };

/** Plans, buckets and tasks in memory; the ids it is given must exist (reference-check.ts sees to it). */
export class PlanStore {
  private readonly plansById: Map<string, Plan>;
  private readonly bucketsById: Map<string, Bucket>;
  private readonly tasksById: Map<string, Task>;
  private nextId: number;

  constructor(
    data: PlannerData,
    readonly now: () => Date = () => new Date(),
  ) {
    this.plansById = new Map(data.plans.map((plan) => [plan.id, plan]));
    this.bucketsById = new Map(data.buckets.map((bucket) => [bucket.id, bucket]));
    this.tasksById = new Map(data.tasks.map((task) => [task.id, task]));
    this.nextId = data.next_id;
  }

  /** All of it, to be kept. */
  data(): PlannerData {
    return { plans: this.plans(), buckets: this.buckets(), tasks: this.tasks(), next_id: this.nextId };
  }

  plans(): Plan[] {
    return [...this.plansById.values()];
  }

  plan(id: string): Plan | undefined {
    return this.plansById.get(id);
  }

  /** Where a task goes that names no plan. */
  firstPlan(): Plan {
    return mustExist(this.plans()[0]);
  }

  buckets(planId?: string): Bucket[] {
    const buckets = [...this.bucketsById.values()];
    return planId === undefined ? buckets : buckets.filter((bucket) => bucket.plan_id === planId);
  }

  bucket(id: string): Bucket | undefined {
    return this.bucketsById.get(id);
  }

  /** In the order of their creation. */
  tasks(): Task[] {
    return [...this.tasksById.values()];
  }

  task(id: string): Task | undefined {
    return this.tasksById.get(id);
  }

  get hasRoomForPlan(): boolean {
    return this.plansById.size < MAX_PLANS;
  }

  get roomForTasks(): number {
    return Math.max(0, MAX_TASKS - this.tasksById.size);
  }

  createPlan(title: string, bucketTitles: readonly string[], createdBy?: string): Plan {
    const plan: Plan = { id: this.newId('plan', this.plansById), title, ...this.creation(createdBy) };
    this.plansById.set(plan.id, plan);
    for (const bucketTitle of bucketTitles) {
      const id = this.newId('bucket', this.bucketsById);
      this.bucketsById.set(id, { id, plan_id: plan.id, title: bucketTitle });
    }
    return plan;
  }

  createTask(fields: NewTask, createdBy?: string): Task {
    const task: Task = {
      id: this.newId('task', this.tasksById),
      title: fields.title,
      ...this.place(fields.plan_id, fields.bucket_id),
      ...(fields.due_date !== undefined && { due_date: fields.due_date }),
      priority: fields.priority ?? 'medium',
      assignees: fields.assignees ?? [],
      completed: false,
      ...this.creation(createdBy),
    };
    this.tasksById.set(task.id, task);
    return task;
  }

  updateTask(task: Task, changes: TaskChanges): Task {
    const { plan_id: planId, bucket_id: bucketId, due_date: dueDate, ...rest } = changes;
    const isMoved = bucketId !== undefined || (planId !== undefined && planId !== task.plan_id);
    const { due_date: oldDueDate, ...kept } = task;
    const newDueDate = dueDate === undefined ? oldDueDate : (dueDate ?? undefined);
    const updated: Task = {
      ...kept,
      ...rest,
      ...(isMoved && this.place(planId, bucketId)),
      ...(newDueDate !== undefined && { due_date: newDueDate }),
    };
    this.tasksById.set(task.id, updated);
    return updated;
  }

  deleteTask(task: Task): void {
    this.tasksById.delete(task.id);
  }

  /** The named bucket, else the first one of the named plan, else the first one of the first plan. */
  private place(planId: string | undefined, bucketId: string | undefined): Pick<Task, 'plan_id' | 'bucket_id'> {
    const bucket = bucketId === undefined ? this.buckets(planId ?? this.firstPlan().id)[0] : this.bucket(bucketId);
    const { id, plan_id } = mustExist(bucket);
    return { plan_id, bucket_id: id };
  }

  private creation(createdBy: string | undefined): Pick<Task, 'created_at' | 'created_by'> {
    return { created_at: this.now().toISOString(), ...(createdBy !== undefined && { created_by: createdBy }) };
  }

  /** The first plan's buckets have low numbers too: a number in use is skipped. */
  private newId(kind: string, taken: ReadonlyMap<string, unknown>): string {
    for (;;) {
      const id = `${kind}_${this.nextId++}`;
      if (!taken.has(id)) return id;
    }
  }
}

/** The data file's check and reference-check.ts promise that it exists: a miss is a bug of ours. */
function mustExist<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A plan or bucket that was checked is missing.');
  return value;
}
