import { cutBelow, plainText, type RpcError, type ToolResult } from '@app/mcp-openapi';
import { type CallerCredentials, causeOf, type UpstreamConnector } from '@app/mcp-transport';
import type { UpstreamSettings } from '../config/upstream-settings.js';
import { jsonWithoutCredentials, secretsOf, withoutCredentials } from './without-credentials.js';

/** Of what went wrong so much is told. */
const MAX_ERROR = 500;
/** What a failed call says is told so many levels deep. */
const MAX_DEPTH = 64;
/** Of a message of progress so much is told. */
const MAX_REMARK = 1_000;
/** Of one line that a process wrote to stderr so much is told of its end. */
const MAX_LAST_WORDS = 300;

/** What a server says of failures, as it may be shown: without credentials, which many servers repeat, cut, and without control characters. */
export class RedactedTexts {
  constructor(
    private readonly settings: UpstreamSettings,
    private readonly connector: UpstreamConnector,
  ) {}

  /** What its process last wrote to stderr. For the log and its operator, not for callers. */
  last(): string[] {
    return (this.connector.lastWords?.() ?? []).map((line) => plainText(withoutCredentials(line, this.settings), MAX_LAST_WORDS));
  }

  /** What went wrong with it. */
  told(error: unknown): string {
    return this.shown(causeOf(error));
  }

  shown(error: string): string {
    return plainText(withoutCredentials(error, this.settings, this.connector.secrets?.()), MAX_ERROR);
  }

  /** What it says of a call that is under way. */
  remark(text: string, credentials: CallerCredentials | undefined): string {
    const secrets = [...secretsOf(credentials?.headers ?? {}), ...(this.connector.secrets?.() ?? [])];
    return plainText(withoutCredentials(text.slice(0, 4 * MAX_REMARK), this.settings, secrets), MAX_REMARK);
  }

  /** What it says of a failed call, without the credentials that it was given. */
  errorWithoutSecrets(error: RpcError, credentials: CallerCredentials | undefined): RpcError {
    return this.withoutSecrets(error, credentials);
  }

  /** The same of a tool's own no. */
  noWithoutSecrets(no: ToolResult, credentials: CallerCredentials | undefined): ToolResult {
    const value = this.withoutSecrets(no.value, credentials);
    return value === no.value ? no : { value, text: JSON.stringify(value) };
  }

  /** The same of any JSON that it says. */
  withoutSecrets<T>(said: T, credentials: CallerCredentials | undefined): T {
    const secrets = [...secretsOf(credentials?.headers ?? {}), ...(this.connector.secrets?.() ?? [])];
    return jsonWithoutCredentials(cutBelow(said, MAX_DEPTH) as T, this.settings, secrets);
  }
}
