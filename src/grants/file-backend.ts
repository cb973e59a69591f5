import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { readFileMeanwhile } from '../config/files/read-file.js';
import type { GrantBackend } from './grant-backend.js';
import { takeLockFile, withLockFile } from './lock-file.js';
import { MemoryBackend } from './memory-backend.js';

/** Of ten thousand grants. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;
const MAX_KEPT = 10_000;

type Kept = Record<string, { readonly text: string; readonly endsAt: number | null }>;

/**
 * In one file that only its owner can read, written whole and put in place at once: a crash leaves the one before. It is read each time, since
 * `mcpo-proxy authorize` writes it, too.
 */
export class FileBackend implements GrantBackend {
  private readonly turns = new MemoryBackend();

  /** `failed`: it could not be read or written. */
  constructor(
    readonly file: string,
    private readonly failed: (error: unknown) => void,
  ) {}

  async get(name: string): Promise<string | undefined> {
    const kept = await this.read();
    return Object.hasOwn(kept, name) ? kept[name]?.text : undefined;
  }

  set(name: string, text: string, ttlMs: number | undefined): Promise<boolean> {
    return this.change((kept) => {
      if (Object.keys(kept).length < MAX_KEPT) kept[name] = { text, endsAt: ttlMs === undefined ? null : Date.now() + ttlMs };
    });
  }

  async take(name: string): Promise<string | undefined> {
    let taken: string | undefined;
    await this.change((kept) => {
      taken = Object.hasOwn(kept, name) ? kept[name]?.text : undefined;
      delete kept[name];
    });
    return taken;
  }

  async delete(name: string): Promise<void> {
    await this.change((kept) => delete kept[name]);
  }

  async all(): Promise<(readonly [string, string])[]> {
    return Object.entries(await this.read())
      .filter(([, { endsAt }]) => endsAt === null)
      .map(([name, { text }]) => [name, text] as const);
  }

  /** By one at a time of all processes that use the file: `check` beside a running gateway does not use up its refresh token. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.turns.exclusively(name, async () => {
      const giveBack = await this.lockFor(name);
      try {
        return await work();
      } finally {
        await giveBack?.();
      }
    });
  }

  /** Undefined where the folder cannot be written: nothing is kept there then. */
  private async lockFor(name: string): Promise<(() => Promise<void>) | undefined> {
    const digest = createHash('sha256').update(name).digest('base64url');
    try {
      await this.makeFolder();
      return await takeLockFile(`${this.file}.${digest}.lock`);
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  private async makeFolder(): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
  }

  private change(work: (kept: Kept) => unknown): Promise<boolean> {
    return this.turns.exclusively('file', async () => {
      try {
        await this.makeFolder();
        return await withLockFile(`${this.file}.lock`, async () => {
          const kept = await this.readStrictly();
          work(kept);
          await this.write(JSON.stringify(kept));
          return true;
        });
      } catch (error) {
        this.failed(error);
        return false;
      }
    });
  }

  private async read(): Promise<Kept> {
    try {
      return await this.readStrictly();
    } catch (error) {
      this.failed(error);
      return {};
    }
  }

  /** One that is there and cannot be read is not written over. */
  private async readStrictly(): Promise<Kept> {
    try {
      const kept = JSON.parse(await readFileMeanwhile(this.file, MAX_FILE_BYTES)) as Kept;
      return Object.fromEntries(Object.entries(kept).filter(([, { endsAt }]) => endsAt === null || endsAt > Date.now()));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
  }

  private async write(text: string): Promise<void> {
    const next = `${this.file}.${randomUUID()}`;
    try {
      const handle = await open(next, 'wx', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(next, this.file);
      await chmod(this.file, 0o600);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
  }
}
