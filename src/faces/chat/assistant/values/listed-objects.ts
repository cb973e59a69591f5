import { Draft } from './draft.js';
import { freeText } from './free-text.js';
import type { ToolProfile } from '../tools/tool-profile.js';
import { typedValues } from './typed-values.js';

/** Of a list so many objects are read. */
const MAX_OBJECTS = 100;

/** `import tasks: buy paint; call Tom (due Monday)`: each part is an object with values of its own. Takes all of the text when it is such a list. */
export function listedObjects(draft: Draft): void {
  const { words, naming, profile, sentence } = draft;
  const first = words[naming.end];
  const slot = profile.slots.find(({ property, isRequired }) => property !== undefined && isRequired);
  if (!first || !slot || !(words[naming.end - 1]?.mark ?? '').includes(':')) return;
  const parts = partsOf(sentence.text.slice(first.start));
  if (parts.length < 2 || parts.length > MAX_OBJECTS) return;
  const inner = {
    ...profile,
    slots: profile.slots
      .filter(({ argument }) => argument === slot.argument)
      .map((one) => ({ ...one, argument: one.property!, property: undefined })),
  };
  const start = first.start;
  draft.objects.set(
    slot.argument,
    parts.map(([from, to]) => objectIn(draft, start + from, start + to, inner)),
  );
  for (const one of profile.slots.filter(({ argument }) => argument === slot.argument)) draft.filled.set(one, []);
  for (let index = naming.end; index < words.length; index += 1) draft.used.add(index);
}

function objectIn({ sentence }: Draft, from: number, to: number, profile: ToolProfile): object {
  const part = new Draft(sentence.part(from, to), profile, { indexes: new Set([-1]), end: 0 });
  typedValues(part);
  freeText(part);
  return Object.fromEntries([...part.filled].map(([slot, values]) => [slot.argument, slot.isList ? [...values] : values[0]]));
}

/** Where the parts stand between semicolons and lines, outside quotes as far as quotes are closed. */
function partsOf(text: string): [number, number][] {
  const parts: [number, number][] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '"') at = Math.max(at, text.indexOf('"', at + 1));
    if (at < text.length && text[at] !== ';' && text[at] !== '\n') continue;
    if (text.slice(start, at).trim() !== '') parts.push([start, at]);
    start = at + 1;
  }
  return parts;
}
