import { ARTICLES, CONNECTORS, PHRASES, POLITE, SMALL, standsFor } from './lexicon.js';
import { type Clock, readDates, type SaidDate } from './read-dates.js';
import { readWords, stemOf, type Word } from './read-words.js';
import type { ToolProfile } from '../tools/tool-profile.js';

/** A sentence as it is read for any tool; its dates are read when a tool takes one. */
export class Sentence {
  readonly words: readonly Word[];
  private said: readonly SaidDate[] | undefined;

  constructor(
    readonly text: string,
    private readonly clock: Clock,
    words?: readonly Word[],
  ) {
    this.words = words ?? withPhrases(readWords(text));
  }

  /** The same with the stems of words that are mistyped. */
  withStems(spelled: (word: Word) => string): Sentence {
    return new Sentence(
      this.text,
      this.clock,
      this.words.map((word) => (word.isQuoted ? word : { ...word, stem: spelled(word) })),
    );
  }

  /** A part of it alone. */
  part(start: number, end: number): Sentence {
    return new Sentence(this.text.slice(start, end), this.clock);
  }

  get dates(): readonly SaidDate[] {
    return (this.said ??= readDates(this.text, this.words, this.clock));
  }

  /** The first word that is no courtesy. */
  get firstIndex(): number {
    const first = this.words.findIndex(({ lower, isQuoted }) => isQuoted || !POLITE.has(lower));
    return first < 0 ? this.words.length : first;
  }
}

/** `get rid of` as one word, which stands for `delete` and is not its name. */
function withPhrases(words: readonly Word[]): Word[] {
  const joined: Word[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const phrase = PHRASES.find(([parts]) => parts.every((part, offset) => words[index + offset]?.lower === part));
    const last = words[index + (phrase?.[0].length ?? 1) - 1]!;
    joined.push(phrase ? { ...last, start: words[index]!.start, lower: phrase[0].join(' '), stem: stemOf(phrase[1]) } : words[index]!);
    if (phrase) index += phrase[0].length - 1;
  }
  return joined;
}

/** Behind these stands what a command is about. */
const BEFORE_TEXT = new Set([
  'to',
  'that',
  'called',
  'named',
  'titled',
  'entitled',
  'about',
  'for',
  'saying',
  'regarding',
  'concerning',
  'mentioning',
  'containing',
]);
/** So many words to each side are one phrase. */
const NEAR = 2;

/** Where the words end that say which tool is meant, and those which do. */
export interface Naming {
  readonly indexes: ReadonlySet<number>;
  readonly end: number;
}

/** The words of a command that speak of this tool: up to where its text begins. */
export function namingOf({ words, firstIndex }: Sentence, profile: ToolProfile): Naming {
  const indexes = new Set<number>();
  for (let index = firstIndex; index < words.length; index += 1) {
    const word = words[index]!;
    if (word.isQuoted || (indexes.size > 0 && BEFORE_TEXT.has(word.lower) && !isParticle(words, index, profile)))
      return { indexes, end: index };
    if (speaksOf(word, profile)) indexes.add(index);
    else if (indexes.size > 0 && isContent(word) && !isBesideName(words, index, profile) && !isOfSlot(words, index, profile))
      return { indexes, end: index };
    if (indexes.size > 0 && word.mark.includes(':')) return { indexes, end: index + 1 };
  }
  return { indexes, end: words.length };
}

/** `look for tasks`: the thing follows, not a text. */
export function isParticle(words: readonly Word[], index: number, profile: ToolProfile): boolean {
  const next = words[index + 1];
  const noun = next && ARTICLES.has(next.lower) ? words[index + 2] : next;
  return words[index]!.lower === 'for' && noun !== undefined && !noun.isQuoted && profile.stems.includes(noun.stem);
}

export function speaksOf(word: Word, profile: ToolProfile): boolean {
  return profile.stems.includes(word.stem) || profile.titleStems.has(word.stem) || isSaidFor(word, profile.stems);
}

/** Stands it for one of the stems? `assigned` tells how something is, not what to do. */
export function isSaidFor({ lower, stem }: Word, stems: readonly string[]): boolean {
  return !lower.endsWith('ed') && standsForOneOf(stem, stems);
}

function standsForOneOf(stem: string, stems: readonly string[]): boolean {
  const meant = standsFor(stem);
  return meant.size > 0 && stems.some((one) => meant.has(one));
}

export function isContent({ lower, isQuoted }: Word): boolean {
  return isQuoted || !(SMALL.has(lower) || CONNECTORS.has(lower) || ARTICLES.has(lower));
}

/** `high priority`: a choice beside what it is a choice of. */
function isOfSlot(words: readonly Word[], index: number, { slots }: ToolProfile): boolean {
  return slots.some(({ choices, stems }) => {
    const last = stems.at(-1);
    const isChoice = (word?: Word) => word !== undefined && choices.some((choice) => choice.toLowerCase() === word.lower);
    return (
      (isChoice(words[index]) && words[index + 1]?.stem === last) ||
      (words[index]!.stem === last && (isChoice(words[index - 1]) || isChoice(words[index + 1])))
    );
  });
}

/** An adjective before the thing: `create a blue task`. */
function isBesideName(words: readonly Word[], index: number, profile: ToolProfile): boolean {
  return words.slice(index + 1, index + 1 + NEAR).some(({ stem, isQuoted }) => !isQuoted && profile.stems.includes(stem));
}
