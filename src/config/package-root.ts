import { realpathSync } from 'node:fs';
import path from 'node:path';

/** The folder that holds package.json and dist/: of the running program, or of the working tree. */
export function packageRoot(): string {
  const script = process.argv[1] === undefined ? '' : realpathOf(process.argv[1]);
  return /[\\/]dist[\\/](?:src|bundle)[\\/][^\\/]+$/.test(script) ? path.resolve(script, '../../..') : process.cwd();
}

/** npm starts a package's bin through a link. */
function realpathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
