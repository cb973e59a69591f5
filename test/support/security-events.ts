import type { RunningProcess } from './processes.js';

/** A security event as the log tells it. */
export interface LoggedEvent {
  readonly level: string;
  readonly reason: string;
  readonly correlation_id: string;
  readonly client: string;
}

/** The security events that a gateway has logged. */
export function loggedEvents({ stdout }: RunningProcess): LoggedEvent[] {
  const lines = stdout.map((line) => JSON.parse(line) as LoggedEvent & { msg: string });
  return lines
    .filter(({ msg }) => msg === 'security_event')
    .map(({ level, reason, correlation_id, client }) => ({ level, reason, correlation_id, client }));
}

/** `mcpo_security_events_total` by reason. */
export async function countedEvents(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.matchAll(/^mcpo_security_events_total\{reason="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, reason, count]) => [reason, Number(count)]));
}
