import { distance } from 'fastest-levenshtein';

const MAX_NAME_LENGTH = 200;

/** The candidates that a person may have meant by `name`, closest first; none when nothing is close. */
export function closestNames(name: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = name.toLowerCase();
  if (wanted === '' || wanted.length > MAX_NAME_LENGTH) return [];
  const close: { candidate: string; edits: number }[] = [];
  for (const candidate of candidates) {
    const edits = editsBetween(wanted, candidate.toLowerCase());
    if (edits !== undefined) close.push({ candidate, edits });
  }
  close.sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1));
  return close.slice(0, limit).map(({ candidate }) => candidate);
}

/** Edits from one name to the other, undefined when they are too far apart to be the same word mistyped or cut short. */
function editsBetween(wanted: string, candidate: string): number | undefined {
  const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
  if (Math.abs(wanted.length - candidate.length) > allowed) return isPartOf(wanted, candidate) ? allowed + 1 : undefined;
  const edits = distance(wanted, candidate);
  if (edits <= allowed) return edits;
  return isPartOf(wanted, candidate) ? allowed + 1 : undefined;
}

/** `due` of `due_date`, `tasks` of `list_tasks`, `task` of `list_tasks_now`. */
function isPartOf(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length >= 4) return long.includes(short);
  return short.length === 3 && (long.startsWith(short) || long.endsWith(short));
}
