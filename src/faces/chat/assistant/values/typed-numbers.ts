import type { Draft } from './draft.js';
import { isCue } from '../sentence/cues.js';
import { type Word } from '../sentence/read-words.js';
import { isContent } from '../sentence/sentence.js';
import { type Slot, typeOf } from './slots.js';
import { numberIn } from './typed-words.js';
import { openOf, isInHead } from './typed-slots.js';

/** A number goes to the slot whose name or description has the words beside it (`the last 10 lines`); of those that nobody claims the needed ones first. */
export function takeNumbers(draft: Draft): void {
  const open = openOf(draft, 'number');
  if (open.length === 0) return;
  const found = draft.words.flatMap((word, index) => {
    const value = numberIn(word);
    return value === undefined || draft.used.has(index) || !isOwnNumber(draft, index) ? [] : [{ value, index }];
  });
  const claims = found
    .flatMap(({ value, index }) => open.map((slot) => ({ value, index, slot, claim: claimOf(draft, slot, index) })))
    .sort((a, b) => b.claim - a.claim || a.index - b.index || open.indexOf(a.slot) - open.indexOf(b.slot));
  const isNeeded = open.some(({ isRequired }) => isRequired);
  for (const { value, index, slot, claim } of claims) {
    if (draft.used.has(index) || draft.filled.has(slot) || !fits(value, slot)) continue;
    if (claim > 0 || isNeeded || open.length === 1) draft.fill(slot, [value], index);
  }
}

/** In a text only beside words of the slot: `find invoices, at most 5`. */
function isOwnNumber(draft: Draft, index: number): boolean {
  if (isInHead(draft, index)) return true;
  const isOwn = (slot: Slot, { stem }: Word) => slot.descriptionStems.has(stem) && !draft.profile.stems.includes(stem);
  const beside = [-2, -1, 1, 2].map((offset) => draft.words[index + offset]).filter((word) => word !== undefined && isContent(word));
  return beside.some((word) => word && openOf(draft, 'number').some((slot) => isCue(word, slot) || isOwn(slot, word)));
}

function claimOf({ words }: Draft, slot: Slot, index: number): number {
  let claim = 0;
  for (const [offset, weight] of [
    [-1, 2],
    [1, 2],
    [-2, 1],
    [2, 1],
  ] as const) {
    const word = words[index + offset];
    if (!word || word.isQuoted || word.mark.includes(',') || numberIn(word) !== undefined) continue;
    if (slot.stems.includes(word.stem)) claim += 4 * weight;
    else if (isContent(word) && slot.descriptionStems.has(word.stem)) claim += weight;
  }
  return claim;
}

function fits(value: number, { schema }: Slot): boolean {
  const { minimum, maximum } = schema;
  if (typeOf(schema) === 'integer' && !Number.isInteger(value)) return false;
  return !(typeof minimum === 'number' && value < minimum) && !(typeof maximum === 'number' && value > maximum);
}
