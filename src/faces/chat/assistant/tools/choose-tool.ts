import { type Reading, readArguments } from '../values/argument-reader.js';
import type { AssistantTool } from '../assistant-types.js';
import { ARTICLES, kindOfVerb, POLITE, SMALL, standsFor } from '../sentence/lexicon.js';
import { hasName, namesTool } from './named-tool.js';
import type { Word } from '../sentence/read-words.js';
import { isContent, isSaidFor, namingOf, type Sentence, speaksOf } from '../sentence/sentence.js';
import { indexOf } from './tool-index.js';
import { profileOf, type ToolProfile } from './tool-profile.js';
import { impliedStems } from '../values/typed-words.js';

/** A tool that may be meant, and what the sentence tells for it. */
export interface Candidate {
  readonly one: AssistantTool;
  readonly reading: Reading;
  readonly isNamed: boolean;
  /** How well it explains the sentence. */
  readonly score: number;
}

/** So many tools are read in full for a sentence. */
const MAX_READ = 24;

/** The tools that a sentence may mean, the likeliest first. */
export function rankTools(said: Sentence, tools: readonly AssistantTool[]): Candidate[] {
  const index = indexOf(tools);
  const sentence = said.withStems((word) => index.spelled(word));
  const words = sentence.words.filter((word) => !word.isQuoted);
  const isTelling = ({ lower, stem }: Word) => !(SMALL.has(lower) || POLITE.has(lower)) || standsFor(stem).size > 0;
  const stems = sentence.words.flatMap((word) => [...(!word.isQuoted && isTelling(word) ? [word.stem] : []), ...impliedStems(word)]);
  const found = index.candidates(stems, MAX_READ);
  for (const { text } of words) {
    const literal = index.named(text);
    if (literal && !found.includes(literal)) found.push(literal);
  }
  return found.map((one) => judge(sentence, one, namesTool(said, one))).sort((a, b) => b.score - a.score);
}

function judge(sentence: Sentence, one: AssistantTool, isNamed: boolean): Candidate {
  const profile = profileOf(one.tool);
  const reading = readArguments(sentence, profile);
  const literally = hasName(sentence, one) ? 6 : 0;
  const score =
    literally +
    (isNamed ? 2.5 : 0) +
    scoreOfName(sentence, profile) +
    scoreOfWords(sentence, profile, reading) +
    scoreOfArguments(reading) +
    scoreOfVerb(sentence, profile) -
    (profile.isDeprecated && !literally ? 2.5 : 0);
  return { one, reading, isNamed, score };
}

/** Each word of the tool's name that the command says, or says in other words; those that it does not say count against it. */
function scoreOfName(sentence: Sentence, profile: ToolProfile): number {
  const { words } = sentence;
  const naming = namingOf(sentence, profile);
  let score = 0;
  for (const stem of profile.stems) {
    const named = [...naming.indexes].map((index) => words[index]!);
    if (named.some((word) => word.stem === stem)) score += 2;
    else if (named.some((word) => isSaidFor(word, [stem]))) score += 1.3;
    else if (words.some((word) => impliedStems(word).includes(stem))) score += 1;
    else if (words.some((word) => !word.isQuoted && word.stem === stem)) score += 0.5;
    else if (stem === profile.verb && isListOf(sentence, profile)) score += 1;
    else if (!SMALL.has(stem)) score -= stem === profile.verb ? 0.6 : 0.8;
  }
  return score;
}

/** `tasks of Ben`: who names things without a verb wants to see them. */
function isListOf({ words, firstIndex }: Sentence, { verb, stems }: ToolProfile): boolean {
  const things = words
    .slice(firstIndex, firstIndex + 4)
    .find(({ lower, stem, isQuoted }) => !isQuoted && stems.includes(stem) && lower !== stem && lower.endsWith('s'));
  return verb === 'list' && things !== undefined && kindOfVerb(words[firstIndex]!.stem) === undefined;
}

function scoreOfWords(sentence: Sentence, profile: ToolProfile, reading: Reading): number {
  const { words } = sentence;
  let [inTitle, described, ofFile] = [0, 0, 0];
  const isSpokenOf = namingOf(sentence, profile).indexes.size > 0;
  for (const word of words) {
    if (
      isSpokenOf &&
      impliedStems(word).some((kind) => FILE_KINDS.has(kind) && (profile.stems.includes(kind) || profile.descriptionStems.has(kind)))
    )
      ofFile = 1.5;
    if (word.isQuoted || !isContent(word) || POLITE.has(word.lower)) continue;
    if (profile.titleStems.has(word.stem)) inTitle += 0.7;
    else if (!speaksOf(word, profile) && profile.descriptionStems.has(word.stem)) described += 0.6;
  }
  return Math.min(inTitle, 2.1) + Math.min(described, 1.8) + ofFile - Math.min(0.5 * reading.leftOver, 2.5);
}

const FILE_KINDS = new Set(['media', 'audio', 'text', 'imag']);
const UNMISTAKABLE = new Set(['date', 'path', 'id', 'enum', 'number', 'uri', 'pattern', 'boolean']);

function scoreOfArguments({ filled, missing, isPlain }: Reading): number {
  let score = 0;
  for (const [slot, values] of filled) score += slot.isRequired ? (UNMISTAKABLE.has(slot.kind) ? 1.2 : 0.8) : values[0] === null ? 3 : 0.7;
  // It explains the whole sentence.
  const isWhole = isPlain && missing.length === 0 && filled.size > 0;
  return score - 0.8 * missing.length + (isWhole ? 0.6 : 0);
}

/** A command to look at something is none to change it, and the other way round. */
function scoreOfVerb({ words, firstIndex }: Sentence, profile: ToolProfile): number {
  const said = words.slice(firstIndex).find(({ lower }) => !ARTICLES.has(lower) || lower === 'new');
  const kind = said && !said.isQuoted ? kindOfVerb(said.stem) : undefined;
  if (!said || said.isQuoted || profile.verb === undefined) return 0;
  if (said.stem === profile.verb || said.stem === profile.stems[0]) return 0.5;
  if (kind === undefined || isSaidFor(said, profile.stems)) return 0;
  const own = kindOfVerb(profile.verb);
  if (own === undefined) return 0;
  return own === kind ? -1 : -3;
}
