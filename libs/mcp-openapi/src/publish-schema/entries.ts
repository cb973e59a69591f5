import { isJsonObject } from '../json-object.js';
import { type JsonText, memberText } from '../json-text/index.js';
import { ENTRIES } from './publish-arguments.js';

/** The arguments that a caller of a map meant (`takesEntries`): those inside `entries`, when that is all there is and an object; else as they are. */
export function entriesOf(args: JsonText): JsonText {
  const { value } = args;
  if (!isJsonObject(value) || Object.keys(value).length !== 1 || !isJsonObject(value[ENTRIES])) return args;
  const text = memberText(args.text, ENTRIES);
  return text === undefined ? args : { text, value: value[ENTRIES] };
}
