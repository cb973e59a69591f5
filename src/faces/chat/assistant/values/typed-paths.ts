import type { Draft } from './draft.js';
import { isContent } from '../sentence/sentence.js';
import { type Slot } from './slots.js';
import { isPath } from './typed-words.js';
import { openOf } from './typed-slots.js';

export function takePaths(draft: Draft): void {
  const open = openOf(draft, 'path');
  if (open.length === 0) return;
  const found = draft.words.map((word, index) => ({ word, index })).filter(({ word, index }) => isPath(word) && !draft.used.has(index));
  const list = open.find(({ isList }) => isList);
  if (list)
    return draft.fill(
      list,
      found.map(({ word }) => word.text),
      ...found.map(({ index }) => index),
    );
  const targets = open.filter((slot) => slot.stems.some((stem) => /^(?:destination|dest|target|to|new)$/.test(stem)));
  const rest = open.filter((slot) => !targets.includes(slot));
  for (const { word, index } of found) {
    const before = draft.words[index - 1]?.lower ?? '';
    const slot = (TARGET.test(before) ? targets.shift() : undefined) ?? rest.shift() ?? targets.shift();
    if (slot) draft.fill(slot, [word.text], index);
  }
  const needed = rest.find(({ isRequired }) => isRequired);
  if (needed && found.length === 0) takeNamedPath(draft, needed);
}

/** `the folder webapp`, `the tree of webapp`: where a path is needed and nothing looks like one. */
function takeNamedPath(draft: Draft, slot: Slot): void {
  const index = draft.words.findIndex((word, at) => {
    const before = draft.words[at - 1];
    if (!before || before.isQuoted || draft.used.has(at) || draft.naming.indexes.has(at) || !isContent(word) || /\s/.test(word.text))
      return false;
    return /^(?:of|in|under|at|from|inside)$/.test(before.lower) || /^(?:fil|directory|folder|path)$/.test(before.stem);
  });
  if (index >= 0 && !draft.profile.stems.includes(draft.words[index]!.stem)) draft.fill(slot, [draft.words[index]!.text], index);
}

/** The name of a file that a tool makes. */
export function takeFileNames(draft: Draft): void {
  for (const slot of draft.open.filter(
    ({ kind, stems, descriptionStems }) => kind === 'text' && stems.at(-1) === 'nam' && descriptionStems.has('fil'),
  )) {
    const index = draft.words.findIndex((word, at) => isPath(word) && !draft.used.has(at));
    if (index >= 0) draft.fill(slot, [draft.words[index]!.text], index);
  }
}

const TARGET = /^(?:to|into|as)$/;
