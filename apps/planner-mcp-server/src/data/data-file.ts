import { open, readFile, rename } from 'node:fs/promises';
import type { PlannerData } from './planner-data.js';
import { firstProblem } from '../calls/schema-check.js';
import { StartError } from '../start-error.js';
import { bucketSchema, objectSchema, planSchema, taskSchema } from '../tools/schemas.js';

const dataSchema = objectSchema(
  {
    plans: { type: 'array', items: planSchema, minItems: 1 },
    buckets: { type: 'array', items: bucketSchema },
    tasks: { type: 'array', items: taskSchema },
    next_id: { type: 'integer', minimum: 1 },
  },
  ['plans', 'buckets', 'tasks', 'next_id'],
);

/** Keeps the planner's data in one JSON file that is whole at every moment. */
export class DataFile {
  private writing: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  /**
   * What the file holds; where there is none, `first`, which is then kept: a place that cannot be written is known before the first call.
   * Throws a StartError, and leaves the file as it is, when it is not ours.
   */
  async open(first: PlannerData): Promise<PlannerData> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw this.startError(`cannot be read: ${error.message}`, error);
    });
    if (text !== undefined) return this.parse(text);
    await this.save(() => first).catch((error: Error) => {
      throw this.startError(`cannot be written: ${error.message}`, error);
    });
    return first;
  }

  /**
   * Resolves when the data as it was at the call, or newer, is on the disk.
   * Calls that come while a write runs share the one that follows it.
   */
  save(data: () => PlannerData): Promise<void> {
    this.waiting ??= this.writeAfter(this.writing, data);
    return this.waiting;
  }

  private async writeAfter(previous: Promise<void>, data: () => PlannerData): Promise<void> {
    // Who waited for the previous write has heard of its failure; this one tries again.
    await previous.catch(() => undefined);
    this.waiting = undefined;
    this.writing = this.write(JSON.stringify(data()));
    return this.writing;
  }

  private async write(text: string): Promise<void> {
    const temporary = `${this.path}.tmp`;
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
  }

  private parse(text: string): PlannerData {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.startError(`is not JSON: ${(error as Error).message}`, error);
    }
    const problem = firstProblem(dataSchema, value);
    if (problem) throw this.startError(`is not a planner's data: ${problem.field}: ${problem.issue}`);
    return this.consistent(value as PlannerData);
  }

  /** The store relies on it: every plan has a bucket, every bucket its plan, every task its bucket in its plan. */
  private consistent(data: PlannerData): PlannerData {
    const planOfBucket = new Map(data.buckets.map((bucket) => [bucket.id, bucket.plan_id]));
    const plansWithBucket = new Set(planOfBucket.values());
    const bare = data.plans.find((plan) => !plansWithBucket.has(plan.id));
    if (bare) throw this.startError(`is not a planner's data: plan ${bare.id} has no bucket`);
    const lost = data.tasks.find((task) => planOfBucket.get(task.bucket_id) !== task.plan_id);
    if (lost) throw this.startError(`is not a planner's data: task ${lost.id} is in no bucket of its plan`);
    return data;
  }

  private startError(what: string, cause?: unknown): StartError {
    return new StartError([`PLANNER_DATA_FILE: ${this.path} ${what}`], { cause });
  }
}
