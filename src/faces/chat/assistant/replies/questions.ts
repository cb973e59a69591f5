import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { code, inline } from './markdown.js';
import type { Slot } from '../values/slots.js';

/** A question of the assistant, as its own words tell it: its state is in the conversation. */
export interface AssistantQuestion {
  readonly kind: 'confirm' | 'argument';
  /** The published name of the tool. */
  readonly name: string;
  /** What is asked for: `title`, `entities.observations`. */
  readonly argument: string | undefined;
  /** What is known so far. */
  readonly arguments: JsonObject;
}

const CONFIRM = /^Shall I run `([^`\n]{1,300})`\? /;
const ARGUMENT = /^To run `([^`\n]{1,300})` I need `([^`\n]{1,300})`/;
const OPENING = '\n\n```json\n';
const CLOSING = '\n```';

/** Asks whether the tool shall run with these arguments. */
export function confirmation(name: string, args: JsonObject, why: string, canAsk: boolean): string {
  return `Shall I run ${code(name, 300)}? ${why}${canAsk ? '' : ' Answer **yes** or **no**.'}${OPENING}${JSON.stringify(args, null, 2)}${CLOSING}`;
}

/** Asks for an argument; `note` tells why the last answer was none. */
export function argumentQuestion(name: string, slot: Slot, args: JsonObject, note = ''): string {
  const what = [slot.description, slot.choices.length > 0 ? `One of: ${slot.choices.slice(0, 20).join(', ')}.` : '']
    .filter(Boolean)
    .join(' ');
  const asked = `To run ${code(name, 300)} I need ${code(slotName(slot), 300)}${what ? `: ${inline(what, 400)}` : '.'} What is it?${note}`;
  return `${asked}${OPENING}${JSON.stringify(args, null, 2)}${CLOSING}`;
}

/** As a person is asked for it. */
export function slotName({ argument, property }: Slot): string {
  return property === undefined ? argument : `${argument}.${property}`;
}

/** The question that a message of the assistant is; undefined for any other. Only a whole message counts: what a tool answered stands behind words of ours. */
export function questionOf(text: string): AssistantQuestion | undefined {
  const message = text.trim();
  const [confirm, argument] = [CONFIRM.exec(message), ARGUMENT.exec(message)];
  const start = message.indexOf(OPENING);
  if ((!confirm && !argument) || start < 0 || !message.endsWith(CLOSING)) return undefined;
  const known = parsed(message.slice(start + OPENING.length, -CLOSING.length));
  if (!isJsonObject(known)) return undefined;
  const name = (confirm ?? argument)![1]!;
  return { kind: confirm ? 'confirm' : 'argument', name, argument: confirm ? undefined : argument?.[2], arguments: known };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const YES =
  /^(?:yes|y|yep|yeah|yup|sure|ok|okay|do it|go ahead|confirm|confirmed|run it|please do|yes please|yes,? (?:do it|run it|go ahead))[\s.!]*$/i;
const NO =
  /^(?:no|n|nope|cancel|cancelled|stop|abort|never ?mind|don'?t|no thanks|no,? thank you|do not|forget it|quit|dismiss(?:ed)?)[\s.!]*$/i;

/** Nothing but a yes. */
export function isYes(text: string): boolean {
  return YES.test(text.trim());
}

/** Nothing but a no. */
export function isNo(text: string): boolean {
  return NO.test(text.trim());
}
