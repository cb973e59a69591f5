import type { Draft } from './draft.js';
import { isCue } from '../sentence/cues.js';
import { nameStems, type Word } from '../sentence/read-words.js';
import { isContent } from '../sentence/sentence.js';
import { type Slot, type SlotKind } from './slots.js';
import { isId, isPattern, isUri } from './typed-words.js';
import { openOf, range } from './typed-slots.js';
import { takeBooleans, takeNulls } from './typed-booleans.js';
import { takeChoices } from './typed-choices.js';
import { takeDates } from './typed-dates.js';
import { takeNumbers } from './typed-numbers.js';
import { takePaths, takeFileNames } from './typed-paths.js';

/** Values that are known by their looks: `key=value`, dates, paths, patterns, addresses, ids, choices, numbers, yes and no. */
export function typedValues(draft: Draft): void {
  takeDates(draft);
  takeLooks(draft, 'uri', isUri);
  takeLooks(draft, 'pattern', isPattern);
  takePaths(draft);
  takeFileNames(draft);
  takeIds(draft);
  takeChoices(draft);
  takeNumbers(draft);
  takeBooleans(draft);
  takeNulls(draft);
}

function takeLooks(draft: Draft, kind: SlotKind, looks: (word: Word) => boolean): void {
  for (const slot of openOf(draft, kind)) {
    const index = draft.words.findIndex((word, at) => looks(word) && !draft.used.has(at));
    if (index >= 0) draft.fill(slot, [draft.words[index]!.text], index);
  }
}

/** An id goes to what it begins with (`task_7`), else to what stands before it (`plan abc123`), else to what is needed. */
function takeIds(draft: Draft): void {
  draft.words.forEach((word, index) => {
    if (draft.used.has(index)) return;
    const open = openOf(draft, 'id');
    if (open.length === 0) return;
    const near = [draft.words[index - 1], draft.words[index - 2]].filter((one) => one !== undefined && !one.isQuoted);
    const cued =
      open.find((slot) => near[0] && isCue(near[0], slot)) ?? open.find((slot) => near[1] && isIdWord(near[0]!) && isCue(near[1], slot));
    if (!isId(word) && !(cued && isIdLike(word, near[0], cued))) return;
    const prefix = /^[a-z]{3,}/i.exec(word.text)?.[0].toLowerCase();
    const slot =
      open.find(({ stems }) => prefix !== undefined && stems.includes(nameStems(prefix)[0] ?? '')) ??
      cued ??
      open.find(({ isRequired }) => isRequired);
    if (slot) draft.fill(slot, [word.text.replace(/^#/, '')], index, ...idCues(draft, slot, index));
  });
}

/** `plan` of `plan abc123`, which is of no text then. */
function idCues({ words, naming }: Draft, slot: Slot, index: number): number[] {
  const first = [index - 1, index - 2].filter((at) => words[at] && !words[at]!.isQuoted && isCue(words[at]!, slot)).at(0);
  return first === undefined ? [] : range(first, index).filter((at) => !naming.indexes.has(at));
}

function isIdWord({ lower }: Word): boolean {
  return /^(?:id|number|no|nr|with|is)$/.test(lower);
}

function isIdLike(word: Word, before: Word | undefined, slot: Slot): boolean {
  return (
    (word.isQuoted && !slot.isRequired) ||
    /^#?\d+$/.test(word.text) ||
    (before !== undefined && /^(?:id)$/.test(before.lower) && isContent(word))
  );
}
