/** What is told of to people without Prometheus. */
export type AlertName = 'server_down' | 'breaker_open' | 'error_rate' | 'auth_attack';

/** An alert that begins or ends; nothing of it is secret. */
export interface AlertChange {
  readonly alert: AlertName;
  readonly state: 'firing' | 'resolved';
  /** The MCP server that it is about, where it is about one. */
  readonly server: string | undefined;
  /** A sentence for a person. */
  readonly text: string;
  /** When it began. */
  readonly since: Date;
}
