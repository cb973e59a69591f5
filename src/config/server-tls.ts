import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { CommandLine } from './command-line.js';
import type { ServerTls } from './settings.js';

/** The texts of the files that --ssl-certfile and --ssl-keyfile name. What is wrong goes to `problems`. */
export function readServerTls({ certFile, keyFile }: CommandLine, problems: string[]): ServerTls | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    const [given, missing] = certFile === undefined ? ['--ssl-keyfile', '--ssl-certfile'] : ['--ssl-certfile', '--ssl-keyfile'];
    return void problems.push(`${given}: needs ${missing}, too`);
  }
  const cert = textOf('--ssl-certfile', certFile, problems);
  const key = textOf('--ssl-keyfile', keyFile, problems);
  if (cert === undefined || key === undefined) return undefined;
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch {
    return void problems.push('--ssl-certfile, --ssl-keyfile: must be a PEM certificate and its PEM key without a passphrase');
  }
}

function textOf(flag: string, file: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return void problems.push(`${flag}: the file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
