import type { Draft } from './draft.js';
import { NEGATIONS } from '../sentence/lexicon.js';
import { nameStems } from '../sentence/read-words.js';
import { type Slot } from './slots.js';
import { openOf, isInHead, range } from './typed-slots.js';

/** By the slot's own words (`dry run`, `with an image`, `not completed`), or by those that its description gives for true and for false. */
export function takeBooleans(draft: Draft): void {
  for (const slot of openOf(draft, 'boolean')) {
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

const SAID_ANYWHERE = new Set(['only', 'the', 'a', 'all']);

/** `remove the due date`, `take the date off`, where null takes it away. */
export function takeNulls(draft: Draft): void {
  const { words } = draft;
  const off = words.findIndex(({ lower, isQuoted }) => !isQuoted && /^(?:off|away)$/.test(lower));
  const verb = words.findIndex(({ stem, isQuoted }) => !isQuoted && (TAKES_AWAY.has(stem) || (off >= 0 && stem === 'tak')));
  if (verb < 0) return;
  for (const slot of draft.open) {
    const { type } = slot.schema;
    const named = words.findIndex(({ stem }, at) => at > verb && at <= verb + 4 && stem === slot.stems.at(-1));
    if (!Array.isArray(type) || !type.includes('null') || named < 0) continue;
    draft.fill(slot, [null], ...range(verb, named + 1), ...(off > named && off < named + 3 ? [off] : []));
  }
}

const TAKES_AWAY = new Set(['remov', 'clear', 'delet', 'unset', 'drop', 'eras']);
