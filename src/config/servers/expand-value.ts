import path from 'node:path';
import { plainText } from '@app/mcp-openapi';
import { FileProblem, type ReadFile } from '../files/read-file.js';

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

/** `${NAME}`, as VS Code writes it `${env:NAME}`, as shells do `${NAME:-default}`; `${file:PATH}`; and VS Code's `${input:ID}`. */
const REFERENCE = /\$\{(?:(?:env:)?(\w+)(?::-([^}]*))?|file:([^}]+)|input:([^}]+))\}/g;

/**
 * A text with `${NAME}` replaced by the variable, or by the default where that is not set or empty, and `${file:PATH}` by the file's text
 * without its last line break; every other `$` stays. `problems` get the references that lead nowhere, by name: never a value.
 */
export function expandValue(text: string, { variables, folder, readFile }: References, problems: string[]): string {
  const replaced = (
    _: string,
    name: string | undefined,
    otherwise: string | undefined,
    file: string | undefined,
    input: string,
  ): string => {
    if (file !== undefined) return textOf(path.resolve(folder, file), readFile, problems);
    if (name !== undefined) return valueOf(name, otherwise);
    problems.push(
      `\${input:${plainText(input, 50)}} asks a person, which the gateway cannot: put the value into a variable, and say \${NAME} here`,
    );
    return '';
  };
  const valueOf = (name: string, otherwise: string | undefined): string => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (otherwise !== undefined) return value || otherwise;
    if (value === undefined) problems.push(`the variable ${name} is not set`);
    return value ?? '';
  };
  return text.replaceAll(REFERENCE, replaced);
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
