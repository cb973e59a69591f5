/** What istanbul counts of a file: statements, functions, and the ways of each branch. */
interface Counts {
  readonly s: Readonly<Record<string, number>>;
  readonly f: Readonly<Record<string, number>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}
export type Coverage = Readonly<Record<string, Counts>>;

/** What this worker has told to be covered, by file. */
const told = new Map<string, Set<string>>();

/**
 * Of what a test file has covered, the source files of which it covers more than this worker has told before. A threshold asks whether
 * something was run, not how often; to copy it all after each test file took a fortieth of the CPU time, before it was sent and merged.
 */
export function newlyCovered(coverage: Coverage): Coverage {
  return Object.fromEntries(Object.entries(coverage).filter(([file, counts]) => isNew(file, counts)));
}

function isNew(file: string, counts: Counts): boolean {
  const before = told.get(file);
  const now = before ?? new Set<string>();
  const size = before?.size ?? -1;
  told.set(file, now);
  for (const [kind, each] of Object.entries({ s: counts.s, f: counts.f })) {
    for (const [id, count] of Object.entries(each)) if (count > 0) now.add(`${kind}${id}`);
  }
  for (const [id, ways] of Object.entries(counts.b)) {
    for (const [way, count] of ways.entries()) if (count > 0) now.add(`b${id}.${way}`);
  }
  return now.size > size;
}
