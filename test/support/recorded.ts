import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export { isRunning } from './process/children.ts';

/** A folder of its own for each test, gone after it. */
export function temporaryFolder(): () => string {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-test-'));
    folders.push(folder);
    return folder;
  };
}

/** What servers/raw-stdio.mjs wrote into its `record` file, over all its starts. */
export class Recorded {
  constructor(readonly file: string) {}

  get lines(): string[] {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** The JSON-RPC messages that it received. */
  get messages(): { id?: string; method?: string; params?: Record<string, unknown>; result?: unknown; error?: { code: number } }[] {
    return this.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object);
  }

  received(method: string) {
    return this.messages.filter((message) => message.method === method);
  }

  /** Process ids of all starts. */
  get starts(): number[] {
    return this.pids('start');
  }

  get grandchildren(): number[] {
    return this.pids('grandchild');
  }

  private pids(word: string): number[] {
    return this.lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length + 1)));
  }
}
