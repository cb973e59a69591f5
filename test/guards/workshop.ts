import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Guard } from './guard.ts';
import type { Rebuild } from './rebuild.ts';

/** What a run of some tests came to. */
export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  /** What jest printed, or why it never ran. */
  readonly output: string;
}

const COMMAND_TIMEOUT_MS = 5 * 60_000;

/** A copy of the repository in which guards are taken out and put back. */
export class Workshop {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'mcpo-guards-'));
  private readonly running = new Set<ReturnType<typeof spawn>>();

  private readonly rebuild: Rebuild;

  private constructor(rebuild: Rebuild) {
    this.rebuild = rebuild;
  }

  static async open(rebuild: Rebuild): Promise<Workshop> {
    const workshop = new Workshop(rebuild);
    const { output } = await workshop.run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], process.cwd());
    for (const file of output.split('\n').filter((name) => name !== '' && existsSync(name))) cpSync(file, path.join(workshop.folder, file));
    symlinkSync(path.resolve('node_modules'), path.join(workshop.folder, 'node_modules'));
    workshop.takeBuild();
    return workshop;
  }

  /** Ends what runs and removes the copy. */
  close(): void {
    for (const child of this.running) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The guard's tests as it stands. */
  testWith({ spec, test }: Guard): Promise<TestRun> {
    return this.test(spec, test);
  }

  /** The same while it is taken out. */
  async testWithout(guard: Guard): Promise<TestRun> {
    const patch = (...how: string[]) => this.run('git', ['apply', ...how, guard.file]);
    const applied = await patch();
    if (applied.code !== 0) return { passed: 0, failed: 0, output: `The patch does not apply: ${applied.output}` };
    try {
      await this.build(guard);
      return await this.test(guard.spec, guard.test);
    } catch (error) {
      return { passed: 0, failed: 0, output: `Without the guard it does not build: ${(error as Error).message}` };
    } finally {
      await patch('--reverse');
      this.takeBuild();
    }
  }

  /** Builds what the guard's patch has changed, and the bundle of it. */
  private async build({ sources }: Guard): Promise<void> {
    const changed = new Map(sources.map((source) => [source, readFileSync(path.join(this.folder, source), 'utf8')]));
    for (const [script, text] of this.rebuild.of(changed)) writeFileSync(path.join(this.folder, 'dist', script), text);
    const { code, output } = await this.run(process.execPath, ['tools/bundle.ts']);
    if (code !== 0) throw new Error(output);
  }

  /** What the repository's own code was built to. */
  private takeBuild(): void {
    const build = path.join(this.folder, 'dist');
    rmSync(build, { recursive: true, force: true });
    cpSync('dist', build, { recursive: true });
  }

  /** Runs the tests of a file whose titles fit the pattern. */
  private async test(spec: string, pattern: string): Promise<TestRun> {
    const results = path.join(this.folder, 'results.json');
    rmSync(results, { force: true });
    const options = ['--runTestsByPath', '--coverage=false', '--json', `--outputFile=${results}`, '-t', pattern, spec];
    const { output } = await this.run(process.execPath, ['node_modules/jest/bin/jest.js', ...options]);
    if (!existsSync(results)) return { passed: 0, failed: 0, output };
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8')) as Record<string, number>;
    return { passed: numPassedTests ?? 0, failed: numFailedTests ?? 0, output };
  }

  private async run(command: string, args: readonly string[], cwd = this.folder): Promise<{ code: number | null; output: string }> {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_TIMEOUT_MS });
    this.running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    this.running.delete(child);
    return { code, output };
  }
}
