import type { Draft } from './draft.js';
import { isCue } from '../sentence/cues.js';
import type { SaidDate } from '../sentence/read-dates.js';
import { type Word } from '../sentence/read-words.js';
import { type Slot } from './slots.js';
import { openOf } from './typed-slots.js';

export function takeDates(draft: Draft): void {
  const open = openOf(draft, 'date');
  if (open.length === 0) return;
  const from = open.find(({ stems }) => stems.some((stem) => LOWER.test(stem)));
  const to = open.find(({ stems }) => stems.some((stem) => UPPER.test(stem)));
  if (from && to) return takeRange(draft, from, to);
  const [date, ...others] = draft.sentence.dates;
  if (others.length > 1) draft.isDoubtful = true;
  if (!date || others.length > 1) return;
  const chosen = others.at(-1) ?? date;
  const slot = open.find((one) => wordsBefore(draft, chosen).some((word) => isCue(word, one))) ?? open[0]!;
  draft.dateWords = around(draft, chosen);
  if (others.length > 0 || !chosen.isOneDay) draft.isDoubtful = true;
  draft.fill(slot, [chosen.to], ...draft.dateWords);
}

function takeRange(draft: Draft, from: Slot, to: Slot): void {
  const [first, second] = draft.sentence.dates;
  if (!first) return;
  const before = wordsBefore(draft, first).map(({ lower }) => lower);
  if (second) {
    draft.fill(from, [first.from], ...around(draft, first));
    draft.fill(to, [second.to], ...around(draft, second));
  } else if (before.some((word) => LOWER.test(word))) draft.fill(from, [first.from], ...around(draft, first));
  else if (before.some((word) => UPPER.test(word))) draft.fill(to, [first.to], ...around(draft, first));
  else {
    draft.fill(from, [first.from], ...around(draft, first));
    draft.fill(to, [first.to]);
  }
}

const LOWER = /^(?:from|after|since|start|begin|min|earliest)$/;
const UPPER = /^(?:to|until|till|before|end|max|latest|by)$/;

/** The words that belong to a date before it, nearest first. */
function wordsBefore({ words }: Draft, { start }: SaidDate): Word[] {
  const found: Word[] = [];
  for (let index = words.findIndex((word) => word.end > start) - 1; index >= 0 && found.length < 6; index -= 1) {
    const word = words[index]!;
    if (word.isQuoted || !BEFORE_DATES.has(word.lower)) break;
    found.push(word);
  }
  return found;
}

const BEFORE_DATES = new Set([
  'by',
  'on',
  'at',
  'due',
  'until',
  'till',
  'before',
  'after',
  'since',
  'from',
  'for',
  'in',
  'to',
  'between',
  'and',
  'is',
  'it',
  'its',
  'date',
  'deadline',
  'with',
  'a',
  'the',
  'of',
  'not',
  'later',
  'than',
  'no',
  'end',
  'day',
]);

/** The words of a date with the prepositions before it. */
function around(draft: Draft, date: SaidDate): number[] {
  const before = wordsBefore(draft, date);
  const start = before.at(-1)?.start ?? date.start;
  return draft.words.flatMap((word, index) =>
    word.end > start && word.start < date.end && !draft.naming.indexes.has(index) ? [index] : [],
  );
}
