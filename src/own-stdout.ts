import { Writable } from 'node:stream';

/** stdout for messages alone: from now on whatever else is written there, by `console.log` or a package, goes to stderr. */
export function ownStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout) as (text: string, done: (error?: Error | null) => void) => boolean;
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return new Writable({ decodeStrings: false, write: (text: string, _, done) => void write(text, done) });
}
