import { perTool } from '@app/mcp-openapi';
import { numberOf } from '../sentence/lexicon.js';
import { stemOf, type Word } from '../sentence/read-words.js';

const URI = /^(?:https?|file|ftp|data|demo|resource|[a-z][a-z0-9+.-]{1,20}):\/?\/?\S{2,}$/i;
const FILE_NAME = /^[\w-][\w.-]{0,200}\.[a-z][a-z0-9]{0,7}$/i;

/** What a word is by its looks alone. */
export function isUri({ text }: Word): boolean {
  return URI.test(text) && (text.includes('://') || text.startsWith('data:'));
}

export function isPattern({ text }: Word): boolean {
  return /[*?]/.test(text) && !/^\*+$|^\?+$/.test(text) && !text.includes('://');
}

export const isPath = perTool((word: Word): boolean => {
  const { text } = word;
  if (isUri(word) || isPattern(word) || /\s{2}|\n/.test(text)) return false;
  if (/^(?:~|\.{1,2})?\/\S*/.test(text) || /^[a-z]:\\/i.test(text) || text === '~' || text === '.') return true;
  if (/\s/.test(text)) return false;
  return FILE_NAME.test(text) || (!word.isQuoted && /^[\w.-]+(?:\/[\w.-]+)+\/?$/.test(text) && !/^(?:\d+|and|or)\/(?:\d+|or)/.test(text));
});

/** `task_7`, `abc123`, `b-12`, `#12`, a UUID. */
export function isId({ text, isQuoted }: Word): boolean {
  return (
    /^#?[\w-]{1,64}$/.test(text) &&
    /[a-z_-]/i.test(text) &&
    /\d/.test(text) &&
    !/^\d+(?:st|nd|rd|th|am|pm)$/i.test(text) &&
    !isQuoted &&
    !/^\d{4}-\d\d-\d\d$/.test(text)
  );
}

export function numberIn({ text, isQuoted }: Word): number | undefined {
  return isQuoted ? undefined : numberOf(text);
}

/** The kinds of file that the end of a path tells, as words that tools speak of. */
const ENDS = new Map(
  [
    ['image media', 'png jpg jpeg gif webp svg bmp ico tiff'],
    ['audio media', 'mp3 wav ogg flac m4a'],
    ['text', 'txt md log json jsonc csv tsv xml yaml yml toml ini conf cfg env html htm css js mjs ts py sh sql java go rs c h cpp rst'],
  ].flatMap(([kinds, ends]) => ends!.split(' ').map((end) => [end, kinds!.split(' ')] as const)),
);

/** What the looks of a word say without saying it, as stems: `task_7` a task, `/srv/notes.md` a file with text, `/srv` a directory. */
export const impliedStems = perTool((word: Word): readonly string[] => {
  if (isPath(word)) {
    const end = /\.([a-z0-9]{1,5})$/i.exec(word.text)?.[1]?.toLowerCase();
    return end === undefined ? [stemOf('directory'), stemOf('file')] : [stemOf('file'), ...(ENDS.get(end) ?? [])];
  }
  const prefix = isId(word) ? /^[a-z]{3,}(?=[_-]?\d)/i.exec(word.text)?.[0] : undefined;
  return prefix === undefined ? [] : [stemOf(prefix.toLowerCase())];
});
