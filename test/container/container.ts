import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { childrenOf } from '../support/process/children.ts';
import { until } from '../support/until.ts';

const ENTER = path.resolve('test/container/enter.sh');
/** Where a container finds the Node that this runs on. */
const PATH = '/node:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ContainerOptions {
  readonly root: string;
  /** By numbers: `1000:1000`. */
  readonly user: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** Run in it, too: exits 0 when it is healthy. */
  readonly healthcheck: readonly string[];
  /** Folders that may be written to; those of `scratch` by everybody, as a tmpfs is. */
  readonly writable: readonly string[];
  readonly scratch: readonly string[];
}

/** Whether this machine lets us make a mount namespace, and so a root that is read-only. */
export function canEnter(): boolean {
  return process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
}

/** What a container runs, as a process in a root of its own; the network is the machine's. */
export class Container {
  readonly output: string[] = [];
  readonly exited: Promise<number | string>;
  private readonly child: ChildProcess;
  private readonly options: ContainerOptions;

  constructor(options: ContainerOptions) {
    this.options = options;
    for (const place of options.scratch) chmodSync(path.join(options.root, place), 0o1777);
    const [program, args] = this.entered(options.command);
    this.child = spawn(program, args, { env: { PATH, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.output.push(text));
    this.exited = once(this.child, 'close').then(([code, signal]) => (signal ?? code) as number | string);
  }

  /** Of the program itself: tini, where it is there, is its parent. */
  get pid(): number {
    const own = this.child.pid as number;
    return childrenOf(own, '')[0] ?? own;
  }

  /** The milliseconds until its own check is content; throws with what it said when it is not, in time. */
  async healthy(): Promise<number> {
    const start = performance.now();
    const isHealthy = () => {
      if (this.child.exitCode !== null) throw new Error(`It ended with ${this.child.exitCode}.\n${this.output.join('')}`);
      return this.check().status === 0;
    };
    await until('its check is content', isHealthy, 30_000).catch((cause: unknown) => {
      throw new Error(`${this.check().said}\n${this.output.join('')}`, { cause });
    });
    return performance.now() - start;
  }

  check(): { status: number | null; said: string } {
    const [program, args] = this.entered(this.options.healthcheck);
    const { status, stdout, stderr } = spawnSync(program, args, { env: { PATH, ...this.options.env }, encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }

  /** A field of the process' status, as Linux tells it: `Uid`, `VmHWM`. */
  statusOf(field: string): string {
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1] ?? '';
  }

  /** Its mounts, a line each, as Linux tells them. */
  get mounts(): string {
    return readFileSync(`/proc/${this.pid}/mounts`, 'utf8');
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const runs = this.child.exitCode === null && this.child.signalCode === null;
    // Tini passes on every signal but this one, and would leave its child behind.
    if (runs && signal === 'SIGKILL') process.kill(this.pid, signal);
    else if (runs) this.child.kill(signal);
    return this.exited;
  }

  private entered(command: readonly string[]): [string, string[]] {
    const { root, user, workdir, writable, scratch } = this.options;
    const node = path.dirname(process.execPath);
    const own = [root, user, workdir, node, [...writable, ...scratch].join(',')];
    return ['unshare', ['--mount', '--propagation', 'private', 'sh', ENTER, ...own, ...command]];
  }
}
