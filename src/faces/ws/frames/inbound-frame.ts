import { isJsonObject, type JsonObject, uniqueMemberText } from '@app/mcp-openapi';
import type { CallArguments } from '../../../call/tool-call-request.js';
import type { TraceContext } from '../../../correlation/trace-context.js';
import { LEGAL_ID } from '../../../correlation/request-context.js';
import { badRequest } from '../../../errors/gateway-errors.js';
import { readJson } from '../../../http/body/json-body.js';
import type { InboundData, InboundType } from './inbound-data.js';

/** A frame as it came: JSON, an object, of a type that is known; what it says has yet to be judged. */
export interface ReadFrame {
  readonly type: InboundType;
  readonly value: JsonObject;
  readonly text: string;
}

/** A frame that has been judged. */
export interface InboundFrame<T extends InboundType> {
  /** Undefined where the client gave none. */
  readonly correlationId: string | undefined;
  /** The trace that the client says it belongs to. */
  readonly trace: TraceContext | undefined;
  readonly data: InboundData[T];
  /** What it says as text, and as parsed. */
  readonly said: CallArguments;
  /** Of a call. */
  readonly args: CallArguments;
}

/** The JSON object in a message. Throws a 400 for what is none, with the place where it is no JSON. */
export function readObject(bytes: Buffer, isBinary: boolean): { readonly text: string; readonly value: JsonObject } {
  if (isBinary) throw badRequest('validation_error', 'Send frames as text, not as bytes.');
  const { text, value } = readJson(bytes, 'frame');
  if (!isJsonObject(value)) throw badRequest('validation_error', 'A frame is an object: {"type", "correlation_id", "data"}.');
  return { text, value };
}

/** The id that an answer can be told under. */
export function legalIdOf({ correlation_id: id }: JsonObject): string | undefined {
  return typeof id === 'string' && LEGAL_ID.test(id) ? id : undefined;
}

/** The text of what a frame says, and within it that of a call's arguments: numbers stay as they were written. */
export function textsOf({ text, value }: ReadFrame): { readonly said: CallArguments; readonly args: CallArguments } {
  const data = isJsonObject(value.data) ? value.data : {};
  const said = { text: uniqueMemberText(text, 'data') ?? '{}', value: data };
  if (!isJsonObject(data.arguments)) return { said: isJsonObject(value.data) ? said : NOTHING, args: NOTHING };
  return { said, args: { text: uniqueMemberText(said.text, 'arguments') as string, value: data.arguments } };
}

const NOTHING: CallArguments = { text: '{}', value: {} };
