import path from 'node:path';
import { FileProblem, type ReadFile } from '../read-file.js';

/** A secret file is far smaller. */
const MAX_FILE_CHARACTERS = 65_536;
/** So many bytes can be of that many characters. */
const MAX_FILE_BYTES = 4 * MAX_FILE_CHARACTERS;

/** Where references lead: variables, and the folder that relative files are in. */
export interface References {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly readFile: ReadFile;
}

/**
 * A text with `${NAME}` replaced by the variable and `${file:PATH}` by the file's text without its last line break; every other `$` stays.
 * `problems` get the references that lead nowhere, by name: never a value.
 */
export function expandValue(text: string, { variables, folder, readFile }: References, problems: string[]): string {
  return text.replaceAll(/\$\{(?:(\w+)|file:([^}]+))\}/g, (_, name: string | undefined, file: string | undefined) => {
    if (file !== undefined) return textOf(path.resolve(folder, file), readFile, problems);
    const value = Object.hasOwn(variables, name as string) ? variables[name as string] : undefined;
    if (value === undefined) problems.push(`the variable ${name} is not set`);
    return value ?? '';
  });
}

function textOf(file: string, readFile: ReadFile, problems: string[]): string {
  try {
    const text = readFile(file, MAX_FILE_BYTES);
    if (text.length <= MAX_FILE_CHARACTERS) return text.replace(/\r?\n$/, '');
    problems.push(`the file ${file} is larger than ${MAX_FILE_CHARACTERS} characters`);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    problems.push(`the file ${file} ${error.message}`);
  }
  return '';
}
