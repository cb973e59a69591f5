import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whoever has not said for so long that it still works has ended without giving it back. */
const STALE_MS = 5_000;
const RENEW_MS = 1_500;
/** Longer than any work takes that is done so. */
const MAX_WAIT_MS = 25_000;
const LOOK_MS = 20;

/** Work by one process of this machine at a time: whoever has made the file. Rejects as the work does, or where no file can be made. */
export async function withLockFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  const giveBack = await takeLockFile(file);
  try {
    return await work();
  } finally {
    await giveBack();
  }
}

/** Gives what is to be called when the work is over; rejects where no file can be made. */
export async function takeLockFile(file: string): Promise<() => Promise<void>> {
  const end = performance.now() + MAX_WAIT_MS;
  while (!(await isMade(file))) {
    await sleep(LOOK_MS);
    const made = await stat(file).catch(() => undefined);
    if (made && (Date.now() - made.mtimeMs > STALE_MS || performance.now() > end)) await rm(file, { force: true });
  }
  const renewing = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), RENEW_MS);
  return () => {
    clearInterval(renewing);
    return rm(file, { force: true });
  };
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
