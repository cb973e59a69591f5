import { problemsToOutcome } from '@app/mcp-openapi';
import type { FailedOutcome } from '../../../errors/failed-outcome.js';
import { FORMATS } from '../../../translation/description-operation.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

/** `?format=`: `mcp` gives tools as MCP lists them, `openapi` or nothing OpenAPI. Throws a 400 for anything else. */
export function readFormat(given: unknown): (typeof FORMATS)[number] {
  if (given === undefined) return 'openapi';
  const format = FORMATS.find((known) => known === given);
  if (format) return format;
  throw new ToolOutcomeException(problemsToOutcome([{ field: 'format', issue: `must be one of ${FORMATS.join(', ')}` }]) as FailedOutcome);
}
