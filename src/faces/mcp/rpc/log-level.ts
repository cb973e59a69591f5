const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

/** Severities of RFC 5424, the least severe first. */
export type LogLevel = (typeof LEVELS)[number];

/** Whether it is one of MCP's. */
export function isLogLevel(value: unknown): value is LogLevel {
  return LEVELS.includes(value as LogLevel);
}

/** Whether who wants to hear `wanted` and worse hears this; what has no known level is heard. */
export function isHeard(level: unknown, wanted: LogLevel): boolean {
  return !isLogLevel(level) || LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);
}
