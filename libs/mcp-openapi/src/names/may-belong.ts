import { legalText } from './legal-name.js';

/** May a name of a merged document be that of a tool of this server, whatever tools it has? */
export function mayBelong(name: string, server: string): boolean {
  return name.startsWith(`${server}_`) || name.startsWith(legalText(`${server}_`));
}
