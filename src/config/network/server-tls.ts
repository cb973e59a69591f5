import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { CommandLine } from '../command-line.js';
import { FileProblem, readFileNow } from '../files/read-file.js';
import type { ServerTls } from '../settings.js';

/** The texts of the files that --ssl-certfile and --ssl-keyfile name, which are a certificate and its key. What is wrong goes to `problems`. */
export function readServerTls({ certFile, keyFile }: CommandLine, problems: string[]): ServerTls | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    const [given, missing] = certFile === undefined ? ['--ssl-keyfile', '--ssl-certfile'] : ['--ssl-certfile', '--ssl-keyfile'];
    return void problems.push(`${given}: needs ${missing}, too`);
  }
  const cert = textOf('--ssl-certfile', certFile, problems);
  const key = textOf('--ssl-keyfile', keyFile, problems);
  if (cert === undefined || key === undefined) return undefined;
  const problem = problemOf(cert, key);
  return problem === undefined ? { cert, key } : void problems.push(problem);
}

function textOf(flag: string, file: string, problems: string[]): string | undefined {
  try {
    return readFileNow(file);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    return void problems.push(`${flag}: the file ${file} ${error.message}`);
  }
}

/** Why these are no certificate and its key. */
function problemOf(cert: string, key: string): string | undefined {
  const certificate = orNone(() => new X509Certificate(cert));
  const privateKey = orNone<KeyObject>(() => createPrivateKey(key));
  if (!certificate || !privateKey) return NO_PEM;
  return certificate.checkPrivateKey(privateKey) ? undefined : '--ssl-keyfile: is not the key of the certificate in --ssl-certfile';
}

const NO_PEM = '--ssl-certfile, --ssl-keyfile: must be a PEM certificate and its PEM key without a passphrase';

function orNone<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
