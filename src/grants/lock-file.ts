import { randomUUID } from 'node:crypto';
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileMeanwhile } from '../config/files/read-file.js';

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
  const owner = randomUUID();
  while (!(await isMade(file, owner))) {
    await sleep(LOOK_MS);
    const isOver = (madeAt: number): boolean => Date.now() - madeAt > STALE_MS || performance.now() > end;
    if (await isThere(file, isOver)) await takeAway(file, isOver);
  }
  const renewing = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), RENEW_MS);
  return async () => {
    clearInterval(renewing);
    // It is another's where this process stood still for so long that it was taken for ended.
    if ((await readFileMeanwhile(file).catch(() => undefined)) === owner) await rm(file, { force: true });
  };
}

/**
 * By one of all who find the same file at the same time, who looks again when nobody else can take it away: another may have done so since, and
 * the file be that of whoever made the next.
 */
async function takeAway(file: string, isOver: (madeAt: number) => boolean): Promise<void> {
  const turn = `${file}.over`;
  if (!(await isMade(turn, ''))) {
    if (await isThere(turn, (madeAt) => Date.now() - madeAt > STALE_MS)) await rm(turn, { force: true });
    return;
  }
  try {
    if (await isThere(file, isOver)) await rm(file, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

async function isThere(file: string, of: (madeAt: number) => boolean): Promise<boolean> {
  const made = await stat(file).catch(() => undefined);
  return made !== undefined && of(made.mtimeMs);
}

async function isMade(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
