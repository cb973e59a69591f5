import type { Draft } from './draft.js';
import { isCue } from '../sentence/cues.js';
import { ARTICLES, CONNECTORS, POLITE } from '../sentence/lexicon.js';
import { isContent, speaksOf } from '../sentence/sentence.js';
import type { Slot } from './slots.js';
import { splitList } from './text-to-value.js';

/** What no word says whose it is: quoted texts in order, then what is left of the sentence, as the tool's own text. */
export function freeText(draft: Draft): void {
  takeListed(draft);
  takeQuoted(draft);
  if (draft.naming.indexes.size === 0) return;
  const slot = textSlots(draft).find(({ isRequired }) => isRequired) ?? optionalText(draft);
  if (slot) takeRest(draft, slot);
}

function textSlots({ open }: Draft): Slot[] {
  const isText = ({ kind }: Slot) => kind === 'text' || kind === 'search';
  return [...open.filter((slot) => isText(slot) && slot.isRequired), ...open.filter((slot) => isText(slot) && !slot.isRequired)];
}

/** A text that need not be is taken only behind `to`: `rename task_3 to Fix the door`. */
function optionalText(draft: Draft): Slot | undefined {
  const open = textSlots(draft);
  const isOnlyOne = open.length === 1 && !draft.profile.slots.some((slot) => slot.isRequired && !draft.filled.has(slot));
  return isOnlyOne && draft.words.some(({ lower }, index) => lower === 'to' && !draft.used.has(index)) ? open[0] : undefined;
}

/** `"Project X" and Bob`, where the one text that the tool takes is a list. */
function takeListed(draft: Draft): void {
  const [slot, ...others] = textSlots(draft);
  if (!slot?.isList || slot.property !== undefined || others.length > 0 || draft.naming.indexes.size === 0) return;
  if (draft.words.some(({ isQuoted }, index) => isQuoted && index >= draft.naming.end)) takeRest(draft, slot);
}

function takeQuoted(draft: Draft): void {
  draft.words.forEach((word, index) => {
    if (!word.isQuoted || draft.used.has(index)) return;
    const slot = textSlots(draft)[0] ?? draft.profile.slots.find((one) => one.isList && one.kind === 'text' && draft.filled.has(one));
    if (slot) draft.fill(slot, [word.text], index);
  });
}

function takeRest(draft: Draft, slot: Slot): void {
  const pieces = piecesOf(draft, slot).filter(({ start }) => slot.isRequired || draft.words[start - 1]?.lower === 'to');
  const texts = pieces.map(({ start, end }) => {
    draft.taken.push(...draft.words.slice(start, end));
    for (let index = start; index < end; index += 1) draft.used.add(index);
    return draft.sentence.text.slice(draft.words[start]!.start, draft.words[end - 1]!.end);
  });
  if (texts.length === 0) return;
  if (pieces.some(({ start }) => isOddlyIntroduced(draft, slot, start))) draft.isDoubtful = true;
  draft.pieces += texts.length;
  if (slot.isList) return draft.fill(slot, texts.flatMap(splitList));
  const text = slot.property === undefined ? texts.join(' ') : texts.join(' ').replace(/['’]s$/, '');
  draft.fill(slot, isOneOfSeveral(draft, slot) ? splitList(text) : [text]);
}

/** `a plan with tasks`, `a task for review`: nobody knows whether that is its title. */
function isOddlyIntroduced({ words }: Draft, slot: Slot, start: number): boolean {
  const before = words[start - 1];
  return before !== undefined && /^(?:with|and|of|in|on|at|by|from|as|for)$/.test(before.lower) && !isCue(before, slot);
}

/** `import these tasks: buy paint, call Tom`: each is an object, for it needs nothing else. */
function isOneOfSeveral(draft: Draft, slot: Slot): boolean {
  if (slot.property === undefined) return false;
  return !draft.profile.slots.some((one) => one !== slot && one.argument === slot.argument && one.isRequired);
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Runs of words behind the command that are no other value, without the prepositions around them. */
function piecesOf(draft: Draft, slot: Slot): Piece[] {
  const pieces: Piece[] = [];
  let start = draft.naming.end;
  for (let index = start; index <= draft.words.length; index += 1) {
    if (index < draft.words.length && !draft.used.has(index)) continue;
    const piece = trimmed(draft, slot, { start, end: index });
    if (piece) pieces.push(piece);
    start = index + 1;
  }
  return pieces;
}

function trimmed(draft: Draft, slot: Slot, piece: Piece): Piece | undefined {
  let { start, end } = piece;
  const { words } = draft;
  while (start < end && isLead(draft, slot, start)) start += 1;
  while (end > start && isTrail(draft, end - 1)) end -= 1;
  return words.slice(start, end).some(isContent) ? { start, end } : undefined;
}

/** An article stays before a title (`the bank`), not before what is looked for. */
function isLead(draft: Draft, slot: Slot, index: number): boolean {
  const word = draft.words[index]!;
  if (word.isQuoted) return false;
  if (CONNECTORS.has(word.lower) || /^[-–—:=&,]+$/.test(word.text)) return true;
  if (isCue(word, slot) && index === draft.naming.end) return true;
  const isShort = slot.kind === 'search' || slot.isList || slot.property !== undefined;
  return (
    isShort &&
    (/^(?:an?|the|my|our|your)$/.test(word.lower) ||
      (slot.kind === 'search' && (speaksOf(word, draft.profile) || /^(?:words?|terms?|phrase)$/.test(word.lower))))
  );
}

function isTrail(draft: Draft, index: number): boolean {
  const word = draft.words[index]!;
  if (word.isQuoted) return false;
  return (
    CONNECTORS.has(word.lower) ||
    ARTICLES.has(word.lower) ||
    (POLITE.has(word.lower) && /^(?:please|thanks|thank|pls|now)$/.test(word.lower)) ||
    /^[-–—:=&,]+$/.test(word.text)
  );
}
