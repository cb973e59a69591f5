import type { Draft } from './draft.js';
import { isCue } from '../sentence/cues.js';
import { nameStems, type Word } from '../sentence/read-words.js';
import { type Slot } from './slots.js';
import { openOf, isInHead, range } from './typed-slots.js';

/** A choice by its name where the tool is spoken of; in a text only beside what it is a choice of, or as the last word behind a comma. */
export function takeChoices(draft: Draft): void {
  const { words, profile } = draft;
  for (const slot of openOf(draft, 'enum')) {
    const found = slot.choices
      .flatMap((choice) => placesOf(choice, words).map((place) => ({ choice, ...place })))
      .filter(({ start, end }) => !range(start, end).some((index) => draft.used.has(index) && !draft.naming.indexes.has(index)))
      .filter(({ start, end }) => {
        const beside = [words[start - 1], words[start - 2], words[end]].filter((word): word is Word => word !== undefined);
        if (beside.some((word) => isCue(word, slot))) return true;
        if (profile.stems.includes(words[start]!.stem) || profile.titleStems.has(words[start]!.stem)) return false;
        return isInHead(draft, start) || (end === words.length && (words[start - 1]?.mark ?? '').includes(','));
      })
      .sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
    const best = found[0];
    if (!best) continue;
    draft.fill(slot, [best.choice], ...range(best.start, best.end), ...cueIndexes(draft, slot, best.start, best.end));
  }
}

function cueIndexes({ words }: Draft, slot: Slot, start: number, end: number): number[] {
  const cued = [end, start - 1, start - 2].filter((index) => words[index] && isCue(words[index]!, slot));
  const first = Math.min(start, ...cued);
  const before = words[first - 1];
  const preposition = before && !before.isQuoted && /^(?:with|at|as|in|of|a|an|the|by|to)$/.test(before.lower) ? [first - 1] : [];
  const outer = preposition.length > 0 && /^(?:with|at)$/.test(words[first - 2]?.lower ?? '') ? [first - 2] : [];
  return [...range(first, Math.max(end, ...cued.map((index) => index + 1))), ...preposition, ...outer];
}

function placesOf(choice: string, words: readonly Word[]): { start: number; end: number }[] {
  const parts = choice.toLowerCase().split(/\s+/);
  const spoken = nameStems(choice);
  return words.flatMap((_, start) => {
    if (parts.every((part, offset) => words[start + offset]?.lower === part)) return [{ start, end: start + parts.length }];
    const isSpoken =
      spoken.length > 1 && spoken.every((stem, offset) => words[start + offset]?.stem === stem && !words[start + offset]?.isQuoted);
    return isSpoken ? [{ start, end: start + spoken.length }] : [];
  });
}
