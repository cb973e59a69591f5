import type { JsonObject } from '@app/mcp-openapi';
import type { LogLevel } from './log-level.js';

/** What is known of a client. */
export interface ClientTraits {
  readonly era: 'legacy' | 'modern';
  readonly protocolVersion: string;
  /** As it declared them; a session keeps no more than what is asked of very long ones. */
  readonly capabilities: JsonObject;
  /** What it wants to hear of logs; undefined for nothing. */
  readonly logLevel: LogLevel | undefined;
}
