import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs commands in a folder; each ends with all that it has started and left. */
export class Commands {
  private readonly running = new Set<ChildProcess>();
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Ends all that run. */
  close(): void {
    this.running.forEach(endGroup);
  }

  /** Killed when it takes longer than that. */
  async run(command: string, args: readonly string[], withinMs: number): Promise<Ended> {
    const child = spawn(command, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.running.add(child);
    const tooLate = setTimeout(() => endGroup(child), withinMs);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    const closed = once(child, 'close');
    const [code] = (await once(child, 'exit')) as [number | null];
    endGroup(child);
    await closed;
    clearTimeout(tooLate);
    this.running.delete(child);
    return { code, output };
  }
}

/** Servers of a test that failed have nobody else to end them. */
function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
