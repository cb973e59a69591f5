import { FileProblem, type ReadFile, readFileNow } from './read-file.js';
import { SettingsError } from '../settings-error.js';

/** Largest file of servers or keys. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The text of a file of servers or keys, without a byte order mark. Throws {@link SettingsError} for one that is too large or cannot be read. */
export function fileText(file: string, readFile: ReadFile = readFileNow): string {
  try {
    return readFile(file, MAX_FILE_BYTES).replace(/^\uFEFF/, '');
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    throw new SettingsError([`${file}: ${error.message}`]);
  }
}
