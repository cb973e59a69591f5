import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A patch that takes one guard out of the gateway, and the tests that must fail without it. The file says so above its diff:
 *
 *     Threat: huge body
 *     Guard: 1 MiB at the most, counted while reading
 *     Spec: test/calls.e2e-spec.ts
 *     Test: a pattern of test titles, as jest's -t takes it
 */
export interface Guard {
  /** Name of its file without `.patch`; it begins with the number of the threat. */
  readonly id: string;
  readonly file: string;
  readonly threat: string;
  readonly guard: string;
  readonly spec: string;
  readonly test: string;
  /** The files that the patch changes. */
  readonly sources: readonly string[];
}

const FOLDER = 'test/guards';

/** All guards by their numbers, of those whose id begins with one of `only`, if there are any. Throws for a file that misses a line, and where none begins so. */
export function readGuards(only: readonly string[]): Guard[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.patch'));
  const guards = files.sort(byNumber).map(readGuard);
  const begin = (start: string) => guards.filter(({ id }) => id === start || id.startsWith(`${start}-`));
  const unknown = only.filter((start) => begin(start).length === 0);
  if (unknown.length > 0)
    throw new Error(`No row of ${FOLDER} begins with ${unknown.join(', ')}: name them as the files are named, without ".patch".`);
  const chosen = new Set(only.flatMap(begin));
  return only.length === 0 ? guards : guards.filter((guard) => chosen.has(guard));
}

function byNumber(a: string, b: string): number {
  return parseInt(a) - parseInt(b) || a.localeCompare(b);
}

function readGuard(name: string): Guard {
  const file = path.resolve(FOLDER, name);
  const text = readFileSync(file, 'utf8');
  const [head = ''] = text.split(/^diff /m);
  const line = (key: string) => {
    const value = new RegExp(`^${key}: (.+)$`, 'm').exec(head)?.[1];
    if (value === undefined) throw new Error(`${name} says no "${key}: ..." above its diff.`);
    return value.trim();
  };
  const sources = [...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, source]) => source as string);
  const id = name.replace(/\.patch$/, '');
  return { id, file, threat: line('Threat'), guard: line('Guard'), spec: line('Spec'), test: line('Test'), sources };
}
