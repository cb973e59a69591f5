import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Commands } from './commands.ts';
import type { Guard } from './guard.ts';
import { readResults, type TestResult } from './jest-run.ts';
import { reachOf } from './reach.ts';
import type { Rebuild } from './rebuild.ts';

/** What a run of some tests came to. */
export interface TestRun {
  readonly results: readonly TestResult[];
  /** What jest printed, or why it never ran. */
  readonly output: string;
}

const COMMAND_TIMEOUT_MS = 60_000;
/** For tests that set none of their own: they take seconds, and without a guard some would wait for ever. */
const TEST_TIMEOUT_MS = 45_000;
const TESTS_TIMEOUT_MS = 5 * 60_000;
const ALL_TESTS_TIMEOUT_MS = 30 * 60_000;
const UNTIL_FIRST_FAILURE = ['--forceExit', '--testEnvironment=<rootDir>/test/guards/first-failure.environment.ts'];

/** A copy of the repository in which guards are taken out and put back. */
export class Workshop {
  private readonly place = mkdtempSync(path.join(tmpdir(), 'mcpo-guards-'));
  private readonly folder = path.join(this.place, 'repository');
  private readonly commands = new Commands(this.folder);
  private readonly rebuild: Rebuild;

  private constructor(rebuild: Rebuild) {
    this.rebuild = rebuild;
  }

  static async open(rebuild: Rebuild): Promise<Workshop> {
    const workshop = new Workshop(rebuild);
    mkdirSync(workshop.folder);
    const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
    const { output } = await new Commands(process.cwd()).run('git', list, COMMAND_TIMEOUT_MS);
    for (const file of output.split('\n').filter((name) => name !== '' && existsSync(name))) cpSync(file, path.join(workshop.folder, file));
    await workshop.git('init', '--quiet');
    await workshop.git('add', '--all');
    await workshop.git('-c', 'user.name=guards', '-c', 'user.email=guards@localhost', 'commit', '--quiet', '--message=all guards');
    appendFileSync(path.join(workshop.folder, '.git/info/exclude'), '/node_modules\n');
    symlinkSync(path.resolve('node_modules'), path.join(workshop.folder, 'node_modules'));
    workshop.takeBuild('.');
    return workshop;
  }

  /** Ends what runs and removes the copy. */
  close(): void {
    this.commands.close();
    rmSync(this.place, { recursive: true, force: true });
  }

  /** The tests of all these guards as they stand, so many files at a time. */
  testWith(guards: readonly Guard[], atOnce: number): Promise<TestRun> {
    const specs = new Set(guards.map(({ spec }) => spec));
    const patterns = new Set(guards.map(({ test }) => `(?:${test})`));
    return this.test([...specs], [...patterns].join('|'), [`--maxWorkers=${atOnce}`], ALL_TESTS_TIMEOUT_MS);
  }

  /** A guard's tests while it is taken out, until one of them fails. None has run where the copy is not afterwards as it was before. */
  async testWithout(guard: Guard): Promise<TestRun> {
    try {
      await this.git('apply', guard.file);
      const scripts = this.compile(guard);
      const run = await this.testBuilding(guard);
      for (const built of [...scripts, 'bundle']) this.takeBuild(built);
      await this.git('apply', '--reverse', guard.file);
      const left = await this.git('status', '--porcelain');
      if (left !== '') throw new Error(`the copy of the repository is not as it was:\n${left}`);
      return run;
    } catch (error) {
      await this.putBack();
      return { results: [], output: `Nothing is shown: ${(error as Error).message}` };
    }
  }

  /** Most tests start the gateway in their own process: where they can, the programs are built only if none of them fails without that. */
  private async testBuilding({ spec, test }: Guard): Promise<TestRun> {
    const run = () => this.test([spec], test, UNTIL_FIRST_FAILURE, TESTS_TIMEOUT_MS);
    const { app, programs } = reachOf(spec);
    if (app || !programs) {
      const unbuilt = await run();
      if (!programs || unbuilt.results.some(({ status }) => status === 'failed')) return unbuilt;
    }
    const { code, output } = await this.commands.run(process.execPath, ['tools/bundle/bundle.ts'], COMMAND_TIMEOUT_MS);
    if (code !== 0) throw new Error(output);
    return run();
  }

  /** Compiles what the guard's patch has changed. Gives the scripts by their paths in `dist`. */
  private compile({ sources }: Guard): string[] {
    const changed = new Map(sources.map((source) => [source, readFileSync(path.join(this.folder, source), 'utf8')]));
    const scripts = this.rebuild.of(changed);
    for (const [script, text] of scripts) writeFileSync(path.join(this.folder, 'dist', script), text);
    return [...scripts.keys()];
  }

  /** Makes the copy what it was, whatever has happened to it. */
  private async putBack(): Promise<void> {
    await this.git('reset', '--hard', '--quiet');
    await this.git('clean', '-d', '--force', '--quiet');
    this.takeBuild('.');
  }

  /** What the repository's own code was built to. */
  private takeBuild(below: string): void {
    const build = path.join(this.folder, 'dist', below);
    rmSync(build, { recursive: true, force: true });
    cpSync(path.join('dist', below), build, { recursive: true });
  }

  /** Runs the tests of files whose titles fit the pattern. */
  private async test(specs: readonly string[], pattern: string, options: readonly string[], withinMs: number): Promise<TestRun> {
    const written = path.join(this.place, 'results.json');
    rmSync(written, { force: true });
    const how = [
      '--runTestsByPath',
      '--coverage=false',
      `--testTimeout=${TEST_TIMEOUT_MS}`,
      '--json',
      `--outputFile=${written}`,
      ...options,
      '-t',
      pattern,
    ];
    const { output } = await this.commands.run(process.execPath, ['node_modules/jest/bin/jest.js', ...how, ...specs], withinMs);
    return { results: readResults(written, this.folder), output };
  }

  private async git(...args: readonly string[]): Promise<string> {
    const { code, output } = await this.commands.run('git', args, COMMAND_TIMEOUT_MS);
    if (code !== 0) throw new Error(`\`git ${args.join(' ')}\` failed: ${output}`);
    return output;
  }
}
