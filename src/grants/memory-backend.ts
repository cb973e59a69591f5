import { setNewest } from '../cache/set-newest.js';
import type { GrantBackend } from './grant-backend.js';

/** Grants and what was begun; the oldest makes room. */
const MAX_KEPT = 10_000;

interface Kept {
  readonly text: string;
  readonly endsAt: number;
}

/** For as long as the process lives. */
export class MemoryBackend implements GrantBackend {
  private readonly kept = new Map<string, Kept>();
  private readonly working = new Map<string, Promise<unknown>>();

  async get(name: string): Promise<string | undefined> {
    const found = this.kept.get(name);
    if (found && found.endsAt <= performance.now()) this.kept.delete(name);
    return found && found.endsAt > performance.now() ? found.text : undefined;
  }

  async set(name: string, text: string, ttlMs: number | undefined): Promise<void> {
    setNewest(this.kept, name, { text, endsAt: ttlMs === undefined ? Infinity : performance.now() + ttlMs }, MAX_KEPT);
  }

  async take(name: string): Promise<string | undefined> {
    const found = await this.get(name);
    this.kept.delete(name);
    return found;
  }

  async delete(name: string): Promise<void> {
    this.kept.delete(name);
  }

  async all(): Promise<(readonly [string, string])[]> {
    return [...this.kept].filter(([, { endsAt }]) => endsAt === Infinity).map(([name, { text }]) => [name, text] as const);
  }

  async exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.working.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined).finally(() => this.working.get(name) === settled && this.working.delete(name));
    this.working.set(name, settled);
    return mine;
  }
}
