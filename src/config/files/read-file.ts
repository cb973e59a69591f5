import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Largest file of settings, a key or a certificate. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Room for files that say no size, as those of /proc. */
const MIN_ROOM_BYTES = 64 * 1024;
/** Nothing is waited for where a pipe has nobody at its other end. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Why a file is not read, to stand behind its name: `cannot be read (CODE)`, `is no regular file`, `is larger than N bytes`. */
export class FileProblem extends Error {
  /** `code`: of the system, where it was that which refused. */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/** The text of a regular file. Throws {@link FileProblem}. */
export type ReadFile = (file: string, maxBytes?: number) => string;

/** For the start, which has nothing else to do. */
export const readFileNow: ReadFile = (file, maxBytes = MAX_FILE_BYTES) => {
  let opened: number | undefined;
  try {
    opened = openSync(file, FLAGS);
    const room = roomFor(fstatSync(opened), maxBytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < room.length; length += read)
      read = readSync(opened, room, length, room.length - length, null);
    return textIn(room, length);
  } catch (error) {
    throw toProblem(error);
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
};

/** For a gateway that serves: a disk that is slow holds up nobody else. */
export async function readFileMeanwhile(file: string, maxBytes = MAX_FILE_BYTES): Promise<string> {
  let opened: FileHandle | undefined;
  try {
    opened = await open(file, FLAGS);
    const room = roomFor(await opened.stat(), maxBytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < room.length; length += read)
      ({ bytesRead: read } = await opened.read(room, length, room.length - length, null));
    return textIn(room, length);
  } catch (error) {
    throw toProblem(error);
  } finally {
    await opened?.close();
  }
}

/** One byte more than the file has: it is seen whether there is more. */
function roomFor(stats: Stats, maxBytes: number): Buffer {
  if (stats.isDirectory()) throw new FileProblem('cannot be read (EISDIR)');
  if (!stats.isFile()) throw new FileProblem('is no regular file');
  if (stats.size > maxBytes) throw new FileProblem(`is larger than ${maxBytes} bytes`);
  return Buffer.allocUnsafe(Math.max(stats.size, MIN_ROOM_BYTES) + 1);
}

function textIn(room: Buffer, length: number): string {
  if (length === room.length) throw new FileProblem('grows while it is read');
  return room.toString('utf8', 0, length);
}

function toProblem(error: unknown): FileProblem {
  if (error instanceof FileProblem) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new FileProblem(`cannot be read (${code})`, code);
}
