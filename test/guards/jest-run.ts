import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What a test of a file came to. */
export interface TestResult {
  /** From the repository's folder. */
  readonly spec: string;
  /** Its title after those of the blocks around it. */
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'skipped' | 'todo';
  /** Why it failed. */
  readonly messages: readonly string[];
}

/** What jest writes with `--json`, as far as it is used. */
interface Written {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly (Pick<TestResult, 'status'> & {
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    })[];
  }[];
}

/** The results that a run in a folder has written to a file; none when it never came so far. */
export function readResults(file: string, folder: string): TestResult[] {
  if (!existsSync(file)) return [];
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Written;
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages }) => {
      return { spec: path.relative(folder, name), title: fullName, status, messages: failureMessages };
    }),
  );
}

/** The tests whose titles fit a pattern as jest's `-t` takes it. */
export function named(pattern: string, results: readonly TestResult[]): TestResult[] {
  const fits = new RegExp(pattern, 'i');
  return results.filter(({ title }) => fits.test(title));
}
