/** `degraded`: it reads and does not write, as a replica or one without memory left. */
export type RedisState = 'not_configured' | 'connecting' | 'up' | 'degraded' | 'down';

/** What is known of Redis; nothing of it is secret. */
export interface RedisStatus {
  readonly state: RedisState;
  readonly since: Date;
  /** Why it is not up. */
  readonly reason: string | undefined;
  /** When it was last asked. */
  readonly checkedAt: Date | undefined;
}
