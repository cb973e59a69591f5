import { readFileSync, statSync } from 'node:fs';
import { SettingsError } from './settings-error.js';

/** Largest file of settings. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The text of a file of settings, without a byte order mark. Throws {@link SettingsError} for one that is too large or cannot be read. */
export function fileText(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new SettingsError([`${file}: is larger than ${MAX_FILE_BYTES} bytes`]);
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError([`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}
