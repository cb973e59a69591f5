import { stemOf } from './read-words.js';

/** What people say for words that tools are named by: word of a name, then what may stand for it. Of English, not of any server. */
const SAID_FOR: Readonly<Record<string, string>> = {
  add: 'append insert attach note remember record put',
  complete: 'finish done tick close accomplish',
  copy: 'duplicate clone',
  create: 'schedule add make new build start insert register remind',
  delete: 'remove erase drop destroy forget trash discard',
  destination: 'to into',
  directory: 'folder dir',
  echo: 'repeat say',
  edit: 'change replace modify alter substitute',
  entity: 'node thing',
  env: 'environment',
  execute: 'run start',
  file: 'document',
  gzip: 'zip compress',
  get: 'show give fetch display view see return read open print tell what look need',
  import: 'bulk many several batch load',
  info: 'information detail metadata big large size old when modified changed permission exist',
  list: 'show what which all display give every see view contents in are',
  media: 'image picture photo audio sound video music song',
  image: 'picture photo icon logo',
  move: 'rename relocate transfer',
  multiple: 'both several many these all and',
  node: 'entity',
  open: 'show view display get',
  operation: 'task job process',
  print: 'show display',
  query: 'question',
  read: 'show open view display print cat content see get',
  remove: 'delete erase drop',
  report: 'progress status summary far statistics chart doing',
  run: 'start execute launch trigger',
  search: 'find know look locate about seek where anything',
  send: 'post mail write',
  sum: 'plus total add',
  toggle: 'switch turn enable disable activate deactivate',
  tree: 'recursive recursively hierarchy structure',
  trigger: 'run start launch execute',
  update: 'change edit modify set rename alter adjust move assign reassign postpone reopen raise lower',
  write: 'save store put create overwrite',
};

/** Each word as stem to the stems of names it may stand for. */
const STANDS_FOR = new Map<string, Set<string>>();
for (const [name, said] of Object.entries(SAID_FOR)) {
  for (const word of said.split(' ')) {
    const stem = stemOf(word);
    STANDS_FOR.set(stem, (STANDS_FOR.get(stem) ?? new Set()).add(stemOf(name)));
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** The words of names that this one may stand for, all as stems. */
export function standsFor(stem: string): ReadonlySet<string> {
  return STANDS_FOR.get(stem) ?? NOTHING;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Words that ask kindly and say nothing. */
export const POLITE = words(
  "please kindly can could would will you i i'd i'll we we'd want need like to let's let lets me us us hey hi hello ok okay so now just go ahead and try then thanks thank pls",
);
/** Words that tell neither of a tool nor of a value. */
export const SMALL = words(
  "still yet already currently really completely permanently entirely immediately quickly may might should must shall a an the this that these those my our your his her its their some any all of in on at to for from by with and or is are was be been it there here me us i you we he she they please can could would will do does did have has had what which who how where when as into up out about thanks also just now whole entire i'd i'm it's what's",
);
export const ARTICLES = words('a an the my our your this that these some any one new another');
/** What stands between a command and what it is about. */
export const CONNECTORS = words(
  'to that called named titled entitled about for saying with of on which says as in into at by and regarding concerning due from',
);
/** Sentences that begin so ask about an action, tell of one, or forbid it. */
export const ASKS = words(
  "how why when did does do should shall is are was were if has have had don't dont never not am may might who cannot can't wouldn't didn't won't avoid stop instead",
);
export const NEGATIONS = words("not don't dont never no without cannot can't didn't won't stop avoid nor isn't shouldn't doesn't");

const READS = new Set(
  words(
    'list get show read search find open view display print fetch describe look see give count browse inspect check lookup query report tell echo watch download explain summarize know',
  ).values(),
);
const READ_STEMS = new Set([...READS].map(stemOf));
const WRITES = words(
  'create add make delete remove erase drop destroy forget trash update change edit modify set rename alter move write save store put insert register append complete finish tick close import send post mail assign postpone reopen toggle switch turn enable disable replace copy purge wipe clear reset truncate overwrite kill revoke terminate uninstall cancel discard record remember new',
);
const WRITE_STEMS = new Set([...WRITES].map(stemOf));
const DESTROYS = new Set(
  [
    ...words(
      'delete remove erase drop destroy forget trash purge wipe clear reset truncate overwrite kill revoke terminate uninstall discard unlink rm prune clean empty format shutdown cancel del flush expunge annihilate obliterate nuke',
    ),
  ].map(stemOf),
);

/** Does the stem say that something is only looked at, or that it is changed; undefined: neither, or no verb at all. */
export function kindOfVerb(stem: string): 'read' | 'write' | undefined {
  if (WRITE_STEMS.has(stem)) return 'write';
  return READ_STEMS.has(stem) ? 'read' : undefined;
}

export function saysDestruction(stem: string): boolean {
  return DESTROYS.has(stem);
}

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, value) => [word, value]),
);

/** The number that a text is, in digits or as a word. */
export function numberOf(text: string): number | undefined {
  const word = NUMBER_WORDS.get(text.toLowerCase());
  if (word !== undefined) return word;
  return /^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

/** Words that are one verb together, and the verb. */
export const PHRASES: readonly (readonly [readonly string[], string])[] = [
  [['get', 'rid', 'of'], 'delete'],
  [['set', 'up'], 'create'],
  [['look', 'up'], 'search'],
  [['tick', 'off'], 'complete'],
  [['check', 'off'], 'complete'],
  [['take', 'away'], 'remove'],
];
