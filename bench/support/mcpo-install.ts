import { installPythonPackages } from '../../test/support/installed/python-packages.ts';

/** mcpo's newest release; it does not start with what a fresh installation takes of these two. */
const PINS = ['mcpo==0.0.20', 'mcp<2', 'fastapi<0.116'];

/** Installs mcpo into `.cache/mcpo` unless it is there already; gives the path of its command. */
export async function installMcpo(): Promise<string> {
  return `${await installPythonPackages('mcpo', PINS)}/mcpo`;
}
