import type { ToolOutcome } from '@app/mcp-openapi';
import type { LogPayloads } from '../config/settings.js';
import { secretsOf } from '../mcp-client/without-credentials.js';
import { payloadShape, redactedPayload } from './describe-payload.js';
import type { ToolCall } from './tool-call.js';

/** Arguments and result of a call for the log, as far as LOG_PAYLOADS allows; the caller's credentials are taken out. */
export function describeCall({ args, credentials }: ToolCall, outcome: ToolOutcome, how: LogPayloads): Record<string, unknown> {
  const secrets = credentials ? secretsOf(credentials.headers) : [];
  const describe = (value: unknown) => (how === 'shape' ? payloadShape(value) : redactedPayload(value, secrets));
  return { arguments: args && describe(args.value), result: 'result' in outcome ? describe(outcome.result.value) : undefined };
}
