import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whoever holds it longer has ended without giving it back: the work takes milliseconds. */
const STALE_MS = 5_000;
const LOOK_MS = 20;

/** Work by one process of this machine at a time: whoever has made the file. */
export async function withLockFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!(await isMade(file))) {
    await sleep(LOOK_MS);
    const made = await stat(file).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > STALE_MS) await rm(file, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function isMade(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
