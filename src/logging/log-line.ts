import { inspect } from 'node:util';
import { stdSerializers } from 'pino';
import { mappedStack } from './mapped-stacks.js';

/**
 * What a call of a LoggerService says, as the fields of one line: a message, then whatever goes with it, then the stack of an error, then the
 * context. An object is taken as fields, its `msg` as the message; an error as `err`, and its message as the message where there is no other.
 */
export function toLogLine(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const params = rest.filter((param) => param !== undefined);
  const stack = take(params, params.findIndex(isStack)) as string | undefined;
  const context = typeof params.at(-1) === 'string' ? params.pop() : undefined;
  const err = message instanceof Error ? message : take(params, params.findIndex(isError));
  return {
    context,
    ...(err === undefined ? { stack: stack && mappedStack(stack) } : { err: readable(err) }),
    ...(params.length > 0 && { params: params.map(readable) }),
    ...fieldsOf(message),
  };
}

/** Of several errors in one so many are told. */
const MAX_ERRORS = 5;
/** Causes may go in a circle. */
const MAX_CAUSES = 5;

/**
 * An error, of which JSON knows nothing, as the log has it: with its causes, and with those that it is made of, as a connection's to a name of
 * several addresses is, which says nothing itself. Whatever else hangs on it may be a request's.
 */
export function readable(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  try {
    const { type, message, stack, code } = stdSerializers.err(value);
    return {
      type,
      message,
      stack: mappedStack(stack),
      code: code as unknown,
      errors: partsOf(value)?.slice(0, MAX_ERRORS).map(partToText),
    };
  } catch {
    return { type: 'Error', message: UNREADABLE };
  }
}

/** A getter of it throws. */
const UNREADABLE = 'an error that cannot be read';

/** Those of the error, or of the first of its causes that has some. */
function partsOf(error: Error): readonly unknown[] | undefined {
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < MAX_CAUSES; depth += 1, at = at.cause)
    if (at instanceof AggregateError) return at.errors;
  return undefined;
}

function partToText(part: unknown): string {
  return part instanceof Error ? `${part.name}: ${part.message}` : typeof part;
}

function messageOf(error: Error): string {
  try {
    return error.message || (partsOf(error)?.slice(0, MAX_ERRORS).map(partToText).join('; ') ?? '');
  } catch {
    return UNREADABLE;
  }
}

function fieldsOf(message: unknown): Record<string, unknown> {
  if (message instanceof Error) return { msg: messageOf(message) };
  if (!isPlain(message)) return { msg: typeof message === 'string' ? message : inspect(message) };
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, readable(value)]));
}

function take(params: unknown[], index: number): unknown {
  return index === -1 ? undefined : params.splice(index, 1)[0];
}

function isError(param: unknown): boolean {
  return param instanceof Error;
}

function isStack(param: unknown): boolean {
  return typeof param === 'string' && /\n[ \t]+at .+:\d+:\d+/.test(param);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || prototype === null;
}
