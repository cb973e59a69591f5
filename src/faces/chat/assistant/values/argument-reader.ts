import { cuedValues } from './cued-values.js';
import { Draft } from './draft.js';
import { kindOfVerb } from '../sentence/lexicon.js';
import { isCue } from '../sentence/cues.js';
import { freeText } from './free-text.js';
import { listedObjects } from './listed-objects.js';
import type { Word } from '../sentence/read-words.js';
import { isContent, type Sentence, speaksOf } from '../sentence/sentence.js';
import type { Slot } from './slots.js';
import type { ToolProfile } from '../tools/tool-profile.js';
import { typedValues } from './typed-values.js';
import { isId, isPath, isUri } from './typed-words.js';

/** What a sentence tells of the arguments of one tool. */
export interface Reading {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Required slots that it does not tell. */
  readonly missing: readonly Slot[];
  readonly filled: ReadonlyMap<Slot, readonly unknown[]>;
  /** Words with a meaning that found no place. */
  readonly leftOver: number;
  /** It can be read in one way only: what was taken as text holds nothing that could be another argument. */
  readonly isPlain: boolean;
}

/** Reads what the sentence tells for the tool: first what can only be one thing, then what words stand before, then the rest as its text. */
export function readArguments(sentence: Sentence, profile: ToolProfile): Reading {
  const draft = new Draft(sentence, profile);
  listedObjects(draft);
  typedValues(draft);
  cuedValues(draft);
  freeText(draft);
  const missing = profile.slots.filter((slot) => slot.isRequired && !draft.filled.has(slot));
  return {
    arguments: assembled(draft),
    missing,
    filled: draft.filled,
    leftOver: leftOver(draft).reduce((sum, word) => sum + weightOf(word), 0),
    isPlain: isPlain(draft),
  };
}

/** Without a prototype's keys: names are the schema's own, and `__proto__` is none of them. */
function assembled({ filled, objects }: Draft): Record<string, unknown> {
  const made: Record<string, unknown> = Object.fromEntries(objects);
  for (const [slot, values] of filled) {
    if (objects.has(slot.argument)) continue;
    const value = slot.isList ? [...values] : values[0];
    if (slot.property === undefined) made[slot.argument] = value;
    else
      made[slot.argument] = objectsWith(
        slot.property,
        slot.isList ? [value] : values,
        (made[slot.argument] as object[] | undefined) ?? [{}],
      );
  }
  return made;
}

/** The objects with the property: of several values each makes an object of its own. */
function objectsWith(property: string, values: readonly unknown[], objects: readonly object[]): object[] {
  if (values.length === 1) return objects.map((object) => ({ ...object, [property]: values[0] }));
  return values.map((value) => ({ ...objects[0], [property]: value }));
}

function leftOver(draft: Draft): Word[] {
  const { words, used, naming, profile, sentence } = draft;
  const isOpen = (index: number) => index >= sentence.firstIndex && !used.has(index) && !naming.indexes.has(index);
  return words.filter((word, index) => isOpen(index) && isContent(word) && !speaksOf(word, profile) && !draft.cuedBy(word));
}

/** Paths, addresses, ids and quotes are there for a reason. */
function weightOf(word: Word): number {
  return word.isQuoted || isPath(word) || isUri(word) || isId(word) ? 3 : 1;
}

/** Words in a text that make it something else than a text: second thoughts, what recurs, other notations. */
const UNPLAIN = /^(?:no|cancel|nevermind|never|forget|wait|actually|oops|every|each|daily|weekly|monthly|yearly)$|[="“”]|^\S+@\S+$/;

function isPlain(draft: Draft): boolean {
  const { taken, words, naming } = draft;
  if (draft.isDoubtful || draft.pieces > 1 || leftOver(draft).length > 0) return false;
  if (taken.some((word, index) => isOfAnother(draft, word, taken[index - 1]))) return false;
  const date = words[draft.dateWords.filter((index) => index >= naming.end)[0] ?? words.length];
  const isDateInside = date !== undefined && taken.some(({ start }) => start > date.start);
  const verbs = [...naming.indexes].filter((index) => kindOfVerb(words[index]!.stem) === 'write' && words[index]!.lower !== 'new');
  return !isDateInside && verbs.length <= 1;
}

/** Could the word of a text belong to another argument, or begin another command? */
function isOfAnother(draft: Draft, word: Word, before: Word | undefined): boolean {
  if (UNPLAIN.test(word.lower) || isId(word)) return true;
  if (kindOfVerb(word.stem) === 'write' && (before?.lower === 'and' || before?.lower === 'then' || before?.mark.includes(','))) return true;
  return draft.open.some(
    (slot) =>
      slot.choices.some((choice) => choice.toLowerCase() === word.lower) ||
      (isContent(word) && isCue(word, slot)) ||
      (slot.kind === 'person' && /^(?:for|to|by|with)$/.test(before?.lower ?? '') && /^\p{Lu}/u.test(word.text)),
  );
}
