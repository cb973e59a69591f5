/** A word of a sentence, or what stands in quotes. */
export interface Word {
  /** As it is written, without the punctuation around it; what the quotes hold. */
  readonly text: string;
  readonly lower: string;
  readonly stem: string;
  /** Where it stands in the sentence, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
  /** The punctuation that follows it. */
  readonly mark: string;
}

/** Of a text no more words are read. */
export const MAX_WORDS = 600;
const CLOSING: Readonly<Record<string, string>> = { '"': '"', '“': '”', '„': '“', '«': '»', '`': '`', "'": "'", '‘': '’' };
const OPENING_MARKS = '([{<,;:';
const CLOSING_MARKS = '.,;:!?)]}>…';

/** The words of a sentence in order. Looks at each character a bounded number of times. */
export function readWords(sentence: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < sentence.length && words.length < MAX_WORDS) {
    if (isBlank(sentence[at]!) || OPENING_MARKS.includes(sentence[at]!)) {
      at += 1;
      continue;
    }
    const word = quotedAt(sentence, at) ?? plainAt(sentence, at);
    at = word.end + word.mark.length;
    if (word.text !== '') words.push(word);
  }
  return words;
}

/** Quotes of each kind are looked for once from where they open: where one is not closed, no other of its kind is. */
function quotedAt(sentence: string, start: number): Word | undefined {
  const close = CLOSING[sentence[start]!];
  if (close === undefined) return undefined;
  let end = sentence.indexOf(close, start + 1);
  if (close === "'" || close === '’') end = endOfSingle(sentence, start + 1, close);
  if (end < 0 || end === start + 1) return undefined;
  return made(sentence, sentence.slice(start + 1, end), start, end + 1, true);
}

/** A single quote closes only before the end of a word: `'Ben's task'`. */
function endOfSingle(sentence: string, from: number, close: string): number {
  for (let at = sentence.indexOf(close, from), tries = 0; at >= 0 && tries < 50; at = sentence.indexOf(close, at + 1), tries += 1) {
    const next = sentence[at + 1];
    if (next === undefined || isBlank(next) || CLOSING_MARKS.includes(next)) return at;
  }
  return -1;
}

function plainAt(sentence: string, start: number): Word {
  let end = start;
  while (end < sentence.length && !isBlank(sentence[end]!)) end += 1;
  let last = end;
  while (last > start && CLOSING_MARKS.includes(sentence[last - 1]!)) last -= 1;
  if (last === start) last = end;
  return made(sentence, sentence.slice(start, last), start, last, false);
}

function made(sentence: string, written: string, start: number, end: number, isQuoted: boolean): Word {
  const text = isQuoted ? written : withoutOwner(written);
  let last = end;
  while (last < sentence.length && CLOSING_MARKS.includes(sentence[last]!)) last += 1;
  const said = text.slice(0, 200).toLowerCase().replaceAll('’', "'");
  const lower = CONTRACTED.get(said) ?? said;
  return { text, lower, stem: stemOf(lower), start, end, isQuoted, mark: sentence.slice(end, last) };
}

/** `task_2's` is of task_2. */
function withoutOwner(text: string): string {
  return /\d['’]s$/.test(text) ? text.slice(0, -2) : text;
}

function isBlank(character: string): boolean {
  return character.trim() === '';
}

/** Written without the apostrophe. */
const CONTRACTED = new Map(['what', 'how', 'where', 'who', 'that', 'it'].map((word) => [word === 'it' ? "it's" : `${word}s`, word]));

/** One form for `task`, `tasks`, `Task's`; `assigned`, `assignee`, `assigning`; roughly, and the same for names of tools as for sentences. */
export function stemOf(lower: string): string {
  let word = lower.replace(/'s?$/, '');
  if (!/^[a-z]+$/.test(word)) return word;
  if (word.length > 4 && word.endsWith('ies')) word = `${word.slice(0, -3)}y`;
  else if (word.length > 4 && /(?:ss|x|ch|sh)es$/.test(word)) word = word.slice(0, -2);
  else if (word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) word = word.slice(0, -1);
  const cut = /^(.*[aeiouy].*)(?:ing|ed)$/.exec(word)?.[1];
  if (cut !== undefined && cut.length > 2) word = cut.replace(/([bdgmnprt])\1$/, '$1');
  while (word.length > 3 && word.endsWith('e')) word = word.slice(0, -1);
  return word;
}

/** The stems of a name: `due_date`, `dueDate`, `get-sum`, `GZip File`. */
export function nameStems(name: string): string[] {
  return nameWords(name).map(stemOf);
}

/** The words in a name such as `create_newTask`, in lower case. */
export function nameWords(name: string): string[] {
  return name
    .slice(0, 400)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}
