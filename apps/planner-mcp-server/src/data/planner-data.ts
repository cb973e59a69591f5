/** The priorities of a task, lowest first. */
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;

export type Priority = (typeof PRIORITIES)[number];

export interface Plan {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  /** The first 16 hex digits of the SHA-256 of the creator's token; absent when the call carried none. */
  readonly created_by?: string;
}

export interface Bucket {
  readonly id: string;
  readonly plan_id: string;
  readonly title: string;
}

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly plan_id: string;
  readonly bucket_id: string;
  /** YYYY-MM-DD. */
  readonly due_date?: string;
  readonly priority: Priority;
  readonly assignees: readonly string[];
  readonly completed: boolean;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  /** The first 16 hex digits of the SHA-256 of the creator's token; absent when the call carried none. */
  readonly created_by?: string;
}

/** Everything the planner keeps: what the data file holds. */
export interface PlannerData {
  readonly plans: readonly Plan[];
  readonly buckets: readonly Bucket[];
  readonly tasks: readonly Task[];
  /** The number of the next id, one count for all kinds: ids of deleted things are never given again. */
  readonly next_id: number;
}

/** A planner on its first day: the plan `abc123` with two buckets. */
export function firstData(now: Date): PlannerData {
  return {
    plans: [{ id: 'abc123', title: 'Team plan', created_at: now.toISOString() }],
    buckets: [
      { id: 'bucket_1', plan_id: 'abc123', title: 'To do' },
      { id: 'bucket_2', plan_id: 'abc123', title: 'In progress' },
    ],
    tasks: [],
    next_id: 1,
  };
}
