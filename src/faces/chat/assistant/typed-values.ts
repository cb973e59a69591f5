import type { Draft } from './draft.js';
import { isCue } from './cues.js';
import { NEGATIONS } from './lexicon.js';
import type { SaidDate } from './read-dates.js';
import { nameStems, type Word } from './read-words.js';
import { isContent } from './sentence.js';
import type { Slot, SlotKind } from './slots.js';
import { typeOf } from './slots.js';
import { isId, isPath, isPattern, isUri, numberIn } from './typed-words.js';

/** Values that are known by their looks: `key=value`, dates, paths, patterns, addresses, ids, choices, numbers, yes and no. */
export function typedValues(draft: Draft): void {
  takeDates(draft);
  takeLooks(draft, 'uri', isUri);
  takeLooks(draft, 'pattern', isPattern);
  takePaths(draft);
  takeIds(draft);
  takeChoices(draft);
  takeNumbers(draft);
  takeBooleans(draft);
  takeNulls(draft);
}

function slots(draft: Draft, kind: SlotKind): Slot[] {
  return draft.open.filter((slot) => slot.kind === kind);
}

/** Within what is said of the tool, not in its text. */
function isInHead(draft: Draft, index: number): boolean {
  return (
    index < draft.naming.end || !draft.profile.slots.some(({ kind, isRequired }) => isRequired && (kind === 'text' || kind === 'search'))
  );
}

const LOWER = /^(?:from|after|since|start|begin|min|earliest)$/;
const UPPER = /^(?:to|until|till|before|end|max|latest|by)$/;

function takeDates(draft: Draft): void {
  const open = slots(draft, 'date');
  if (open.length === 0) return;
  const from = open.find(({ stems }) => stems.some((stem) => LOWER.test(stem)));
  const to = open.find(({ stems }) => stems.some((stem) => UPPER.test(stem)));
  if (from && to) return takeRange(draft, from, to);
  const [date, ...others] = draft.sentence.dates;
  if (!date || others.length > 1) return;
  const chosen = others.at(-1) ?? date;
  const slot = open.find((one) => wordsBefore(draft, chosen).some((word) => isCue(word, one))) ?? open[0]!;
  draft.fill(slot, [chosen.to], ...around(draft, chosen));
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

/** The words of a date with the prepositions before it. */
function around(draft: Draft, date: SaidDate): number[] {
  const before = wordsBefore(draft, date);
  const start = before.at(-1)?.start ?? date.start;
  return draft.words.flatMap((word, index) =>
    word.end > start && word.start < date.end && !draft.naming.indexes.has(index) ? [index] : [],
  );
}

function takeLooks(draft: Draft, kind: SlotKind, looks: (word: Word) => boolean): void {
  for (const slot of slots(draft, kind)) {
    const index = draft.words.findIndex((word, at) => looks(word) && !draft.used.has(at));
    if (index >= 0) draft.fill(slot, [draft.words[index]!.text], index);
  }
}

const TARGET = /^(?:to|into|as)$/;

function takePaths(draft: Draft): void {
  const open = slots(draft, 'path');
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
}

/** An id goes to what it begins with (`task_7`), else to what stands before it (`plan abc123`), else to what is needed. */
function takeIds(draft: Draft): void {
  draft.words.forEach((word, index) => {
    if (draft.used.has(index)) return;
    const open = slots(draft, 'id');
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

/** A choice by its name where the tool is spoken of; in a text only beside what it is a choice of, or as the last word behind a comma. */
function takeChoices(draft: Draft): void {
  const { words, profile } = draft;
  for (const slot of slots(draft, 'enum')) {
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

/** A number goes to the slot whose name or description has the words beside it (`the last 10 lines`); of those that nobody claims the needed ones first. */
function takeNumbers(draft: Draft): void {
  const open = slots(draft, 'number');
  if (open.length === 0) return;
  const found = draft.words.flatMap((word, index) => {
    const value = numberIn(word);
    return value === undefined || draft.used.has(index) || !isInHeadOrNumbersOnly(draft, index) ? [] : [{ value, index }];
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

function isInHeadOrNumbersOnly(draft: Draft, index: number): boolean {
  if (isInHead(draft, index)) return true;
  const next = draft.words[index + 1];
  const before = draft.words[index - 1];
  const isOwn = (slot: Slot, { stem }: Word) => slot.descriptionStems.has(stem) && !draft.profile.stems.includes(stem);
  return [before, next].some(
    (word) => word && isContent(word) && slots(draft, 'number').some((slot) => isCue(word, slot) || isOwn(slot, word)),
  );
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

/** By the slot's own words (`dry run`, `with an image`, `not completed`), or by those that its description gives for true and for false. */
function takeBooleans(draft: Draft): void {
  for (const slot of slots(draft, 'boolean')) {
    const own = slot.stems.filter((stem) => !/^(?:is|has|includ|with|should|allow|enabl|us|show)$/.test(stem));
    const start = draft.words.findIndex(
      (_, at) =>
        own.length > 0 && own.every((stem, offset) => draft.words[at + offset]?.stem === stem && !draft.words[at + offset]!.isQuoted),
    );
    if (start >= 0 && (isInHead(draft, start) || own.length > 1)) {
      const first = draft.words[start - 1]?.lower ?? '';
      const isDenied = [start - 1, start - 2].some((at) => NEGATIONS.has(draft.words[at]?.lower ?? ''));
      const isVerb = slot.stems.length < 2 || own.length > 1 || /^(?:with|including|include|an?|the|no|without)$/.test(first);
      if (isVerb) draft.fill(slot, [!isDenied], ...range(start, start + own.length));
      continue;
    }
    const said = saidBoolean(draft, slot) ?? saidFalse(draft, slot);
    if (said) draft.fill(slot, [said.value], said.index);
  }
}

/** `reopen`, where the description says `false opens it again`. */
function saidFalse(draft: Draft, { description, stems }: Slot): { value: boolean; index: number } | undefined {
  const side = /^false\b:?\s([^;.]{1,80})/i.exec(description)?.[1];
  if (side === undefined) return undefined;
  const said = nameStems(side).filter((stem) => !stems.includes(stem) && !SAID_ANYWHERE.has(stem) && !draft.profile.stems.includes(stem));
  const index = draft.words.findIndex(
    ({ stem, isQuoted }, at) => !isQuoted && isInHead(draft, at) && said.some((one) => stem === one || stem === `re${one}`),
  );
  return index < 0 ? undefined : { value: false, index };
}

/** `remove the due date`, where null takes it away. */
function takeNulls(draft: Draft): void {
  for (const slot of draft.open) {
    const { type } = slot.schema;
    if (!Array.isArray(type) || !type.includes('null')) continue;
    const verb = draft.words.findIndex(({ stem, isQuoted }, at) => !isQuoted && isInHead(draft, at) && TAKES_AWAY.has(stem));
    const named = draft.words.findIndex(({ stem }, at) => at > verb && at <= verb + 4 && stem === slot.stems.at(-1));
    if (verb >= 0 && named >= 0) draft.fill(slot, [null], ...range(verb, named + 1));
  }
}

const TAKES_AWAY = new Set(['remov', 'clear', 'delet', 'unset', 'drop', 'eras']);

function saidBoolean(draft: Draft, { description }: Slot): { value: boolean; index: number } | undefined {
  const sides = /true\b:?\s([^;.]{1,80})[;.]\s*false\b:?\s([^;.]{1,80})/i.exec(description);
  if (!sides) return undefined;
  const [yes, no] = [nameStems(sides[1]!), nameStems(sides[2]!)];
  const index = draft.words.findIndex(
    ({ stem, isQuoted }, at) =>
      !isQuoted &&
      isInHead(draft, at) &&
      yes.includes(stem) !== no.includes(stem) &&
      !SAID_ANYWHERE.has(stem) &&
      !draft.profile.stems.includes(stem),
  );
  return index < 0 ? undefined : { value: yes.includes(draft.words[index]!.stem), index };
}

const SAID_ANYWHERE = new Set(['only', 'the', 'a', 'all']);

function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, offset) => start + offset);
}
