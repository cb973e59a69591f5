import type { AssistantTool } from '../assistant-types.js';
import { ASKS, NEGATIONS } from '../sentence/lexicon.js';
import type { Word } from '../sentence/read-words.js';
import { namingOf, type Sentence } from '../sentence/sentence.js';
import { profileOf } from './tool-profile.js';

/** Between two words of a name stand so many others at the most: `create a new urgent task`. */
const MAX_BETWEEN = 4;

/** Does the sentence tell to run this very tool: by its name, or by a command that has the words of its name in order? Never one that asks or forbids. */
export function namesTool(sentence: Sentence, one: AssistantTool): boolean {
  if (isNoCommand(sentence)) return false;
  return hasName(sentence, one) || hasWordsOfName(sentence, one);
}

/** Its name as it is written; one that is an ordinary word only where the command stands. */
export function hasName({ words, firstIndex }: Sentence, { name, tool }: AssistantTool): boolean {
  const names = [name.toLowerCase(), tool.name.toLowerCase()].filter((one) => /[^a-z]/.test(one));
  return words.some(({ lower, isQuoted }, index) => (!isQuoted || index === firstIndex) && names.includes(lower));
}

function hasWordsOfName(sentence: Sentence, { tool }: AssistantTool): boolean {
  const profile = profileOf(tool);
  const [first, ...others] = profile.stems;
  const { words, firstIndex } = sentence;
  // `created` tells of something that was.
  if (first === undefined || words[firstIndex]?.lower !== profile.words[0] || words[firstIndex]?.isQuoted) return false;
  const { end } = namingOf(sentence, profile);
  let at = firstIndex;
  for (const stem of others) {
    const found = words.findIndex((word, index) => index > at && index < end && !word.isQuoted && word.stem === stem);
    if (found < 0 || found - at > MAX_BETWEEN + 1) return false;
    at = found;
  }
  return true;
}

const PRONOUNS = new Set(['i', 'you', 'we', 'they', 'he', 'she', 'it', 'my', 'the', 'these', 'those', 'not']);

/** `How do I delete ...`, `I created ...`, `don't ...`: nothing is run for these unasked. */
export function isNoCommand({ words, firstIndex }: Sentence): boolean {
  const opening = words.slice(0, firstIndex + 1).filter(({ isQuoted }) => !isQuoted);
  const isAsked = opening.some(
    ({ lower }, index) => ASKS.has(lower) && (!/^do(?:es)?$/.test(lower) || PRONOUNS.has(words[index + 1]?.lower ?? '')),
  );
  return isAsked || words.some((word) => isNegation(word));
}

function isNegation({ lower, isQuoted }: Word): boolean {
  return !isQuoted && NEGATIONS.has(lower) && lower !== 'without' && lower !== 'no';
}
