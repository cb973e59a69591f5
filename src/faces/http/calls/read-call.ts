import { isJsonObject, type JsonText, type McpTool, type Problem, problemsToOutcome, uniqueMemberText } from '@app/mcp-openapi';
import type { CallArguments, GivenArguments } from '../../../call/tool-call-request.js';
import type { FailedOutcome } from '../../../errors/failed-outcome.js';
import { readJson } from '../../../http/body/json-body.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

/** A call as its body tells it. */
interface ReadCall {
  readonly name: string;
  readonly args: CallArguments;
}

const NO_ARGUMENTS: CallArguments = { text: '{}', value: {} };

/**
 * The arguments in the body of `POST /v1/tools/{name}`: all of it, or those of the envelope, when it has exactly its two keys, names the
 * same tool, and is not what the tool itself expects. An empty body is no arguments. Throws a 400.
 */
export function readNamedArguments(name: string, body: Buffer): GivenArguments {
  if (body.length === 0) return NO_ARGUMENTS;
  const json = readJson(body);
  const value = requireObject(json.value);
  const whole = { text: json.text, value };
  if (!isEnvelopeFor(name, value)) return whole;
  return (tool) => (hasBothProperties(tool) ? whole : envelopeArguments(json, value));
}

/** The call in the body of `POST /v1/tools`: the envelope. Rejects with a 400. */
export async function readEnvelopeCall(body: Buffer): Promise<ReadCall> {
  const json = body.length === 0 ? { text: '{}', value: {} } : readJson(body);
  const value = requireObject(json.value);
  // Few callers send envelopes, and the validator of classes is large: it is loaded for the first of them.
  const { envelopeErrors } = await import('./tool-call-envelope.dto.js');
  const problems = envelopeErrors(value).map(toProblem);
  if (problems.length > 0) throw invalid(problems);
  return { name: value.name as string, args: envelopeArguments(json, value) };
}

function isEnvelopeFor(name: string, value: CallArguments['value']): boolean {
  return value.name === name && isJsonObject(value.arguments) && Object.keys(value).length === 2;
}

/** A tool with these two properties of its own is called with plain arguments. */
function hasBothProperties({ inputSchema: { properties } }: McpTool): boolean {
  return isJsonObject(properties) && Object.hasOwn(properties, 'name') && Object.hasOwn(properties, 'arguments');
}

/** The arguments' own text, so that its numbers stay as they were written. */
function envelopeArguments({ text }: JsonText, value: CallArguments['value']): CallArguments {
  return { text: uniqueMemberText(text, 'arguments') ?? '{}', value: value.arguments as CallArguments['value'] };
}

function requireObject(value: unknown): CallArguments['value'] {
  if (isJsonObject(value)) return value;
  throw invalid([{ field: 'arguments', issue: 'must be an object' }]);
}

/** A 400 with these problems. */
export function invalid(problems: readonly Problem[]): ToolOutcomeException {
  return new ToolOutcomeException(problemsToOutcome(problems) as FailedOutcome);
}

function toProblem({ property, constraints, value }: { property: string; constraints?: Record<string, string>; value?: unknown }): Problem {
  return { field: property, issue: value === undefined ? 'required' : (Object.values(constraints ?? {})[0] ?? 'is not valid') };
}
