/** `unknown`: nothing has been heard for a while, or yet. */
export type PartStatus = 'up' | 'degraded' | 'down' | 'unknown' | 'not_configured';

/** What is known of a part, with how old that is; nothing of it is secret. */
export interface HealthPart {
  readonly status: PartStatus;
  readonly [detail: string]: unknown;
}

/** By name. */
export type HealthParts = Readonly<Record<string, HealthPart>>;

/** Of the whole, in the words of probes. */
export type HealthStatus = 'ok' | Exclude<PartStatus, 'up'>;

/** The shape of Terminus' HealthCheckResult with more statuses: `error` holds the parts that are not well, `details` all. */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly info: HealthParts;
  readonly error: HealthParts;
  readonly details: HealthParts;
}

const WELL: ReadonlySet<PartStatus> = new Set(['up', 'not_configured']);

/** Of these parts, with those that are not well apart. */
export function healthReport(status: HealthStatus, details: HealthParts): HealthReport {
  const those = (isWell: boolean) => Object.fromEntries(Object.entries(details).filter(([, part]) => WELL.has(part.status) === isWell));
  return { status, info: those(true), error: those(false), details };
}

/** Of one part alone. */
export function statusOf({ status }: HealthPart): HealthStatus {
  return status === 'up' ? 'ok' : status;
}

/** Of parts of which each does what no other does: down when all are; what is not known makes it degraded. */
export function statusOfAll(parts: readonly HealthPart[]): HealthStatus {
  if (parts.length === 0) return 'not_configured';
  if (parts.every(({ status }) => status === 'down')) return 'down';
  return parts.every(({ status }) => WELL.has(status)) ? 'ok' : 'degraded';
}
