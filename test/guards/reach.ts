import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What a test file can start. */
export interface Reach {
  /** The gateway in the tests' own process. */
  readonly app: boolean;
  /** The programs that were built. */
  readonly programs: boolean;
}

const APP = 'src/create-app.ts';
const PROGRAMS = 'test/support/built.ts';
const IMPORT = /(?:from|import|import\() ?'(\.[^']+)'/g;

/** Follows the file's imports, and theirs. */
export function reachOf(spec: string): Reach {
  const reached = new Set<string>();
  follow(spec, reached);
  return { app: reached.has(APP), programs: reached.has(PROGRAMS) };
}

function follow(file: string, reached: Set<string>): void {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    follow(path.join(path.dirname(file), name as string).replace(/\.js$/, '.ts'), reached);
  }
}
