import { isCue } from '../sentence/cues.js';
import type { Word } from '../sentence/read-words.js';
import { type Naming, namingOf, type Sentence } from '../sentence/sentence.js';
import type { Slot } from './slots.js';
import type { ToolProfile } from '../tools/tool-profile.js';

/** What is known while one sentence is read for one tool. */
export class Draft {
  readonly filled = new Map<Slot, unknown[]>();
  /** Lists of objects that were read whole, by argument. */
  readonly objects = new Map<string, readonly object[]>();
  /** Words that are values, or say whose. */
  readonly used = new Set<number>();
  readonly naming: Naming;
  /** Words of a date, where it stands in or behind the text. */
  dateWords: readonly number[] = [];
  /** Something can be read in several ways. */
  isDoubtful = false;
  /** What was taken as text without quotes around it. */
  taken: Word[] = [];
  pieces = 0;

  constructor(
    readonly sentence: Sentence,
    readonly profile: ToolProfile,
    naming?: Naming,
  ) {
    this.naming = naming ?? namingOf(sentence, profile);
  }

  get words(): readonly Word[] {
    return this.sentence.words;
  }

  /** Where the command ends, with the values that stand in it. */
  get headEnd(): number {
    let end = this.naming.end;
    while (end < this.words.length && this.used.has(end)) end += 1;
    return end;
  }

  get open(): Slot[] {
    return this.profile.slots.filter((slot) => !this.filled.has(slot));
  }

  fill(slot: Slot, values: unknown[], ...indexes: number[]): void {
    this.filled.set(slot, [...(slot.isList ? (this.filled.get(slot) ?? []) : []), ...values]);
    for (const index of indexes) this.used.add(index);
  }

  /** Is it a word that stands before values, of this slot or another? */
  cuedBy(word: Word, except?: Slot): boolean {
    return this.profile.slots.some((slot) => slot !== except && isCue(word, slot));
  }
}
