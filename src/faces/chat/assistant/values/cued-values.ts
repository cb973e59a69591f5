import type { Draft } from './draft.js';
import { isCue } from '../sentence/cues.js';
import { ARTICLES, CONNECTORS } from '../sentence/lexicon.js';
import type { Word } from '../sentence/read-words.js';
import { isContent, isParticle } from '../sentence/sentence.js';
import type { Slot } from './slots.js';
import { splitList } from './text-to-value.js';

const READ_BY_CUES = new Set(['text', 'search', 'person', 'pattern', 'id']);
/** A text of one of these is no more than a few words. */
const MAX_SHORT_WORDS = 4;
const INTRODUCES_TEXT = /^(?:to|that|about|for|saying)$/;

/** Values that follow a word that says whose they are: `called Office move`, `assigned to Anna`, `from Alice to Bob`. */
export function cuedValues(draft: Draft): void {
  takePersons(draft);
  const { words, sentence } = draft;
  const textStart = startOfText(draft);
  for (let index = sentence.firstIndex; index < words.length; index += 1) {
    if (draft.used.has(index) || words[index]!.isQuoted) continue;
    if (isParticle(words, index, draft.profile)) continue;
    const slot = draft.open.find((one) => READ_BY_CUES.has(one.kind) && isCue(words[index]!, one));
    if (!slot || (index === sentence.firstIndex && draft.naming.indexes.has(index) && !isReplacing(words[index]!))) continue;
    const start = afterFillers(draft, index + 1, slot);
    if (index >= textStart && !mayInterrupt(draft, index, start)) continue;
    index = takeRun(draft, slot, index, start);
  }
}

/** Where a text begins that no cue begins: what stands in it is of the text. */
function startOfText({ words, naming, profile }: Draft): number {
  const first = words[naming.end];
  if (!first) return words.length;
  const hasText = profile.slots.some(({ kind, isRequired }) => isRequired && (kind === 'text' || kind === 'search'));
  const isIntroduced = (INTRODUCES_TEXT.test(first.lower) && !first.isQuoted) || (words[naming.end - 1]?.mark ?? '').includes(':');
  if (!hasText || !isIntroduced || profile.slots.some((slot) => isCue(first, slot))) return words.length;
  return naming.end;
}

function isReplacing({ lower }: Word): boolean {
  return lower === 'replace' || lower === 'change';
}

/** In a text: behind a comma or `with`, or before quotes. */
function mayInterrupt({ words }: Draft, cue: number, value: number): boolean {
  const before = words[cue - 1];
  return words[value]?.isQuoted === true || before === undefined || before.mark.includes(',') || /^(?:with|and)$/.test(before.lower);
}

const FILLERS = /^(?:is|to|of|as|be|are|=|-)$/;

function afterFillers(draft: Draft, start: number, slot: Slot): number {
  let index = start;
  while (index < draft.words.length && isFiller(draft, index, slot)) index += 1;
  return index;
}

/** `on the topic "tea"` has two words before the value that say whose it is. */
function isFiller(draft: Draft, index: number, slot: Slot): boolean {
  const { words, used } = draft;
  const word = words[index]!;
  if (used.has(index) || word.isQuoted) return false;
  const next = words[index + 1];
  const isCued = (one: Word | undefined) => one !== undefined && slot.stems.includes(one.stem) && isCue(one, slot);
  return (
    (FILLERS.test(word.lower) && !draft.cuedBy(word, slot)) ||
    (isCued(word) && next !== undefined) ||
    (ARTICLES.has(word.lower) && isCued(next) && words[index + 2] !== undefined)
  );
}

/** Takes the value at `start`, and says where it ends; the cue itself where there is none. */
function takeRun(draft: Draft, slot: Slot, cue: number, start: number): number {
  const { words } = draft;
  const first = words[start];
  if (!first || draft.used.has(start) || (!first.isQuoted && FILLERS.test(first.lower))) return cue;
  if (slot.kind === 'id' && !first.isQuoted) return cue;
  if (first.isQuoted) return takeQuoted(draft, slot, cue, start);
  const isShort = slot.property !== undefined || slot.kind === 'person' || slot.kind === 'pattern';
  let end = start;
  while (end < words.length && !isBoundary(draft, slot, start, end, isShort)) end += 1;
  while (end > start && !isContent(words[end - 1]!) && !slot.isList && isShort) end -= 1;
  const from = (isShort || slot.kind === 'search') && ARTICLES.has(first.lower) ? start + 1 : start;
  if (end <= from || !words.slice(from, end).some(isContent)) return cue;
  const text = draft.sentence.text.slice(words[from]!.start, words[end - 1]!.end);
  draft.fill(slot, slot.isList ? splitList(text) : [text], ...indexes(cue, end));
  if (!isShort) draft.taken.push(...words.slice(from, end));
  return end - 1;
}

/** `"a" and "b"` is a list where one is asked for. */
function takeQuoted(draft: Draft, slot: Slot, cue: number, start: number): number {
  const { words } = draft;
  let end = start + 1;
  const values = [words[start]!.text];
  while (slot.isList) {
    const next = words[end]?.lower === 'and' && !words[end]!.isQuoted ? end + 1 : end;
    const word = words[next];
    if (!word || !(word.isQuoted || (next > end && isContent(word) && !draft.used.has(next) && !draft.cuedBy(word, slot)))) break;
    values.push(word.text);
    end = next + 1;
  }
  draft.fill(slot, values, ...indexes(cue, end));
  return end - 1;
}

function isBoundary(draft: Draft, slot: Slot, start: number, index: number, isShort: boolean): boolean {
  const { words } = draft;
  const word = words[index]!;
  if (draft.used.has(index) || word.isQuoted) return true;
  if (index === start) return false;
  const mark = words[index - 1]!.mark;
  if (
    mark.includes(';') ||
    (mark.includes(':') && (isShort || slot.isList)) ||
    (mark.includes(',') && !slot.isList && (isShort || draft.cuedBy(word, slot) || word.lower === 'with'))
  )
    return true;
  if (isShort && index - start >= MAX_SHORT_WORDS && !slot.isList) return true;
  if (slot.isList && word.lower === 'and') return words[index + 1] !== undefined && draft.cuedBy(words[index + 1]!, slot);
  if (isShort) return CONNECTORS.has(word.lower) || draft.cuedBy(word, slot);
  return CONNECTORS.has(word.lower) && isBeforeValue(draft, index + 1, slot);
}

/** `with priority`, `in the plan`: another argument follows the preposition. */
function isBeforeValue(draft: Draft, index: number, slot: Slot): boolean {
  const next = ARTICLES.has(draft.words[index]?.lower ?? '') ? index + 1 : index;
  const word = draft.words[next];
  if (!word) return false;
  return draft.used.has(next) || (draft.cuedBy(word, slot) && isContent(word));
}

/** `for Anna`, `of Ben`, `Ben's`, `anna@example.com`, where the tool is spoken of. */
function takePersons(draft: Draft): void {
  const slot = draft.open.find(({ kind }) => kind === 'person');
  if (!slot) return;
  const { words } = draft;
  const mail = words.flatMap((word, index) => (isMailOf(draft, slot, index, word) ? [index] : []));
  if (mail.length > 0) {
    const before = mail[0]! - 1;
    const cue =
      words[before] && /^(?:to|for|of|by)$/.test(words[before].lower)
        ? [before, ...(words[before - 1] && isCue(words[before - 1]!, slot) ? [before - 1] : [])]
        : [];
    return draft.fill(slot, mail.map((index) => words[index]!.text).slice(0, slot.isList ? 20 : 1), ...mail, ...cue);
  }
  const isAssigned = words.findIndex(({ stem, isQuoted }) => !isQuoted && /^(?:re)?assign$|^delegat$/.test(stem));
  const to = isAssigned < 0 ? -1 : words.findIndex(({ lower, isQuoted }, index) => index > isAssigned && !isQuoted && lower === 'to');
  if (to >= 0 && words[to + 1] && isName(words[to + 1]!) && !draft.used.has(to + 1)) {
    let end = to + 2;
    while (
      words[end] &&
      !draft.used.has(end) &&
      (isName(words[end]!) || (slot.isList && words[end]!.lower === 'and' && words[end + 1] && isName(words[end + 1]!)))
    )
      end += 1;
    const text = draft.sentence.text.slice(words[to + 1]!.start, words[end - 1]!.end);
    const cue = words[to - 1] && isCue(words[to - 1]!, slot) ? to - 1 : to;
    return draft.fill(slot, slot.isList ? splitList(text) : [text], ...indexes(cue, end));
  }
  for (let index = 1; index <= Math.min(draft.headEnd + 1, words.length - 1); index += 1) {
    if (!/^(?:for|of|by)$/.test(words[index - 1]!.lower) || !isName(words[index]!) || draft.used.has(index)) continue;
    let end = index + 1;
    while (words[end] && isName(words[end]!) && words[end - 1]!.mark === '') end += 1;
    return draft.fill(slot, [draft.sentence.text.slice(words[index]!.start, words[end - 1]!.end)], ...indexes(index - 1, end));
  }
  const owner = words.findIndex(
    ({ text, isQuoted }, index) =>
      !isQuoted &&
      index <= draft.naming.end &&
      /^\p{Lu}[\p{L}-]*['’]s$/u.test(text) &&
      !/^(?:what|it|who|that|there|let|how)['’]/i.test(text),
  );
  if (owner >= 0) draft.fill(slot, [words[owner]!.text.replace(/['’]s$/, '')], owner);
}

/** In a text an address is of the text, unless a word says whose it is. */
function isMailOf(draft: Draft, slot: Slot, index: number, { text }: Word): boolean {
  if (draft.used.has(index) || !/^[^@\s]{1,64}@[^@\s]{1,190}\.[a-z]{2,20}$/i.test(text)) return false;
  const before = [draft.words[index - 1], draft.words[index - 2], draft.words[index - 3]];
  const isCued = before.some((word) => word !== undefined && !word.isQuoted && (isCue(word, slot) || /^(?:re)?assign$/.test(word.stem)));
  const isTextQuoted = draft.words.some(({ isQuoted }, at) => isQuoted && at < index);
  return (
    isCued ||
    isTextQuoted ||
    index <= draft.headEnd + 1 ||
    !draft.profile.slots.some(({ kind, isRequired }) => isRequired && kind === 'text')
  );
}

function isName({ text, isQuoted }: Word): boolean {
  return isQuoted || /^\p{Lu}[\p{L}'’-]*$/u.test(text);
}

function indexes(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset);
}
