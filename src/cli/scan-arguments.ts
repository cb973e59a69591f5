import { nearest } from '../config/servers/unknown-keys.js';
import { type Flag, type FlagName, FLAGS } from './flags.js';

/** A command line taken apart. A flag without a value has the value `''`. */
export interface ScannedArguments {
  readonly values: ReadonlyMap<FlagName, readonly string[]>;
  /** Each flag that was given, as it was spelt. */
  readonly spellings: ReadonlyMap<FlagName, string>;
  /** Whether it starts with the word `check`. */
  readonly isCheck: boolean;
  /** The server that the words `authorize NAME` at the start name; undefined without them. */
  readonly authorizes: string | undefined;
  /** Everything after `--`. */
  readonly rest: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Takes `--flag value`, `--flag=value`, `-f value`, `-fvalue` and `-f=value` apart. Every problem is told at once, none with a value. What Node's
 * `parseArgs` makes of it is another language: `--port --host` has a value there, an unknown `-xSECRET` is seven flags, and no value may be left out.
 */
export function scanArguments(args: readonly string[]): ScannedArguments {
  const end = args.indexOf('--');
  const queue = end === -1 ? [...args] : args.slice(0, end);
  const values = new Map<FlagName, string[]>();
  const spellings = new Map<FlagName, string>();
  const count = queue.length;
  const problems: string[] = [];
  const isCheck = queue[0] === 'check' && queue.shift() !== undefined;
  const isAuthorize = queue[0] === 'authorize' && queue.shift() !== undefined;
  const authorizes = isAuthorize && queue[0] !== undefined && !queue[0].startsWith('-') ? queue.shift() : undefined;
  if (isAuthorize && authorizes === undefined) problems.push('authorize: needs the name of a server');
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (/^-./.test(arg)) takeFlag(arg, queue, { values, spellings, problems });
    else problems.push(`argument ${count - queue.length}: ${unexpected(arg)}`);
  }
  return { values, spellings, isCheck, authorizes, rest: end === -1 ? [] : args.slice(end + 1), problems };
}

interface Taken {
  readonly values: Map<FlagName, string[]>;
  readonly spellings: Map<FlagName, string>;
  readonly problems: string[];
}

/** Words that people know, of this program or of others, and how they are said here. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['check', 'check'],
  ['authorize', 'authorize NAME, at the start'],
  ['help', '--help'],
  ['version', '--version'],
]);

/** What a word that stands alone was probably meant to be. */
function unexpected(word: string): string {
  if (word === 'check') return 'check comes first: mcpo-proxy check ...';
  if (/^https?:\/\//i.test(word)) return 'unexpected; the URL of a server comes after --';
  if (/\.jsonc?$/i.test(word)) return 'unexpected; for a file of servers say --config FILE';
  if (word === 'authorize') return 'authorize comes first: mcpo-proxy authorize NAME ...';
  const meant = nearest(word, [...WORDS.keys()]);
  return meant === undefined
    ? 'unexpected; the command or URL of a server comes after --'
    : `unexpected, did you mean ${WORDS.get(meant) as string}?`;
}

function takeFlag(arg: string, queue: string[], { values, spellings, problems }: Taken): void {
  const { spelling, joined } = split(arg);
  const flag = FLAGS.find(({ name, also }) => spelling === `--${name}` || (also as readonly string[]).includes(spelling));
  if (!flag) return void problems.push(unknown(spelling, queue));
  const before = values.get(flag.name) ?? [];
  const value = valueOf(flag, joined, queue);
  if (value === undefined)
    problems.push(flag.value === undefined ? `${spelling}: takes no value` : `${spelling}: needs a value, ${flag.value}`);
  else if (before.length > 0 && !('isRepeatable' in flag)) problems.push(`${spelling}: given twice`);
  else {
    values.set(flag.name, [...before, value]);
    spellings.set(flag.name, spelling);
  }
}

function split(arg: string): { readonly spelling: string; readonly joined: string | undefined } {
  const [, spelling = arg, joined] = /^(--[^=]+|-[^-])=?([^]*)$/.exec(arg) ?? [];
  return { spelling, joined: arg === spelling ? undefined : joined };
}

/** A flag that is known to nobody took its value along, if one stands there: it is no word of its own. */
function unknown(spelling: string, queue: string[]): string {
  if (queue[0] !== undefined && !queue[0].startsWith('-')) queue.shift();
  const meant = nearest(
    spelling,
    FLAGS.flatMap(({ name, also }) => [`--${name}`, ...also]).filter((known) => known.startsWith('--')),
  );
  return meant === undefined ? `${spelling}: unknown; --help lists the flags` : `${spelling}: unknown, did you mean ${meant}?`;
}

/** A value that starts with a dash has to be joined by `=`, so that a forgotten one does not swallow the next flag. */
function valueOf(flag: Flag, joined: string | undefined, queue: string[]): string | undefined {
  if (flag.value === undefined) return joined === undefined ? '' : undefined;
  if (joined !== undefined) return joined;
  if (queue[0] !== undefined && !/^-./.test(queue[0])) return queue.shift();
  return flag.name === 'version' ? '' : undefined;
}
