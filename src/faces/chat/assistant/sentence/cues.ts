import type { Word } from './read-words.js';
import { stemOf } from './read-words.js';
import type { Slot } from '../values/slots.js';

/** What people say before a value, by the last word of what the value is called. */
const SAID_BEFORE: Readonly<Record<string, string>> = {
  title: 'called named titled entitled',
  name: 'called named call',
  content: 'containing content contents text saying',
  text: 'saying',
  message: 'saying message',
  query: 'about for mentioning containing matching',
  topic: 'about on',
  source: 'from',
  destination: 'to into',
  type: 'type',
  pattern: 'matching pattern like named called',
  assignees: 'assigned assign',
  assignee: 'assigned assign',
  path: 'path',
  observation: 'observation observations that noting',
  observations: 'observation observations noting',
  contents: 'observation observations noting',
  exclude: 'without excluding except ignoring exclude',
  old: 'replace change',
  new: 'with by',
};
const ENTRIES = new Map(Object.entries(SAID_BEFORE).map(([name, said]) => [stemOf(name), said.split(' ')]));
const TRAILING = /\b(to|from|into|for|with|in|on|at|by)[.!]?$/i;
const TOO_GENERAL = new Set(['id', 'uuid', 'key', 'value', 'text', 'is', 'has', 'includ']);

/** Does the word say that a value of this slot follows? */
export function isCue({ lower, stem, isQuoted }: Word, slot: Slot): boolean {
  if (isQuoted) return false;
  return cuesOf(slot).has(lower) || cuesOf(slot).has(`~${stem}`);
}

const known = new WeakMap<Slot, ReadonlySet<string>>();

/** Words as they are said, and stems with a `~` before them. */
function cuesOf(slot: Slot): ReadonlySet<string> {
  let cues = known.get(slot);
  if (!cues) known.set(slot, (cues = makeCues(slot)));
  return cues;
}

function makeCues({ stems, description, property, kind }: Slot): Set<string> {
  const last = stems.at(-1) ?? '';
  const cues = new Set<string>();
  for (const stem of property === undefined ? stems : [last]) if (!TOO_GENERAL.has(stem) || stems.length === 1) cues.add(`~${stem}`);
  for (const stem of [last, ...stems]) for (const word of ENTRIES.get(stem) ?? []) cues.add(word);
  const trailing = TRAILING.exec(description)?.[1];
  if (trailing !== undefined && kind !== 'date') cues.add(trailing.toLowerCase());
  return cues;
}
