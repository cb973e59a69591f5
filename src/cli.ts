import { parseArgs } from 'node:util';
import { SettingsError } from './config/read-settings.js';
import { VERSION } from './config/version.js';

const HELP = `mcpo-proxy ${VERSION}: MCP servers as OpenAPI tools for Open WebUI

Usage: mcpo-proxy [options]

  --host HOST     address to listen on (HOST, default 127.0.0.1)
  --port PORT     port to listen on (PORT, default 8001)
  --version, -v   print the version
  --help          print this

Everything else is set in the environment or in a file .env in the working directory, MCP_SERVER_URL above all:
the MCP server to serve. Without it the embedded planner server is started.
`;

/** What a command line asks for: a text to print, or a start with these variables on top of the environment. */
export type Command = { readonly print: string } | { readonly environment: Readonly<Record<string, string>> };

/** Reads the command line. Throws {@link SettingsError} for what it does not know. */
export function parseCommandLine(args: readonly string[]): Command {
  const { host, port, version, help } = parse(args);
  if (help) return { print: HELP };
  if (version) return { print: `${VERSION}\n` };
  return { environment: { ...(host !== undefined && { HOST: host }), ...(port !== undefined && { PORT: port }) } };
}

function parse(args: readonly string[]) {
  const options = {
    host: { type: 'string' },
    port: { type: 'string' },
    version: { type: 'boolean', short: 'v' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new SettingsError([`command line: ${(error as Error).message}`]);
  }
}
