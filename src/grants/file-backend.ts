import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setNewest } from '../cache/set-newest.js';
import { readFileMeanwhile } from '../config/files/read-file.js';
import type { GrantBackend } from './grant-backend.js';
import { takeLockFile, withLockFile } from './lock-file.js';
import { MemoryBackend } from './memory-backend.js';

/** Of ten thousand grants. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;
const MAX_KEPT = 10_000;
/** What could not be written is tried again so often. */
const RETRY_MS = 10_000;

interface Entry {
  readonly text: string;
  readonly endsAt: number | null;
}

type Kept = Record<string, Entry>;

/**
 * In one file that only its owner can read, written whole and put in place at once: a crash leaves the one before. It is read each time, since
 * `mcpo-proxy authorize` writes it, too. What cannot be written or forgotten there holds in this process all the same, and is done there later.
 */
export class FileBackend implements GrantBackend {
  private readonly turns = new MemoryBackend();
  /** By name what the file is to have; undefined: nothing any more. */
  private readonly unwritten = new Map<string, Entry | undefined>();
  private retrying: NodeJS.Timeout | undefined;

  /** `failed`: it could not be read or written for somebody. */
  constructor(
    readonly file: string,
    private readonly failed: (error: unknown) => void,
    private readonly retryMs = RETRY_MS,
  ) {}

  async get(name: string): Promise<string | undefined> {
    return entryOf(await this.read(), name)?.text;
  }

  async set(name: string, text: string, ttlMs: number | undefined): Promise<void> {
    await this.change(name, { text, endsAt: ttlMs === undefined ? null : Date.now() + ttlMs });
  }

  async take(name: string): Promise<string | undefined> {
    let taken: Entry | undefined;
    await this.change(name, undefined, (kept) => (taken = entryOf(kept, name)));
    return taken?.text;
  }

  async delete(name: string): Promise<void> {
    await this.change(name, undefined);
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

  /** `look` sees what was there before. Undefined forgets it. */
  private change(name: string, entry: Entry | undefined, look: (kept: Kept) => unknown = () => undefined): Promise<void> {
    let isNoted = false;
    const note = (kept: Kept) => {
      if (isNoted) return;
      isNoted = true;
      look(kept);
      setNewest(this.unwritten, name, entry, MAX_KEPT);
    };
    return this.turns.exclusively('file', async () => {
      try {
        await this.rewrite(note);
      } catch (error) {
        note(this.withUnwritten({}));
        this.failed(error);
        this.retryLater();
      }
    });
  }

  private retryLater(): void {
    this.retrying ??= setTimeout(() => {
      this.retrying = undefined;
      void this.turns.exclusively('file', () => this.rewrite().catch(() => this.retryLater()));
    }, this.retryMs).unref();
  }

  /** Puts what is unwritten into the file, with what `note` adds to it once it has seen what was there. Rejects where that cannot be. */
  private async rewrite(note: (kept: Kept) => void = () => undefined): Promise<void> {
    await this.makeFolder();
    await withLockFile(`${this.file}.lock`, async () => {
      const kept = await this.readStrictly();
      note(this.withUnwritten(kept));
      await this.write(JSON.stringify(this.withUnwritten(kept)));
      this.unwritten.clear();
    });
  }

  private async read(): Promise<Kept> {
    try {
      return this.withUnwritten(await this.readStrictly());
    } catch (error) {
      this.failed(error);
      return this.withUnwritten({});
    }
  }

  private withUnwritten(kept: Kept): Kept {
    for (const [name, entry] of this.unwritten) {
      if (!entry || !isAlive(entry)) delete kept[name];
      else if (Object.hasOwn(kept, name) || Object.keys(kept).length < MAX_KEPT) kept[name] = entry;
    }
    return kept;
  }

  /** One that is there and cannot be read is not written over. */
  private async readStrictly(): Promise<Kept> {
    try {
      const kept = JSON.parse(await readFileMeanwhile(this.file, MAX_FILE_BYTES)) as Kept;
      return Object.fromEntries(Object.entries(kept).filter(([, entry]) => isAlive(entry)));
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

function isAlive({ endsAt }: Entry): boolean {
  return endsAt === null || endsAt > Date.now();
}

function entryOf(kept: Kept, name: string): Entry | undefined {
  return Object.hasOwn(kept, name) ? kept[name] : undefined;
}
