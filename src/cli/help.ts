import { VERSION } from '../config/version.js';
import { type Flag, FLAGS } from './flags.js';

const COLUMN = 36;

/** What --help prints. */
export function help(): string {
  const groups = [...new Set(FLAGS.map(({ group }) => group))];
  const linesOf = (group: string) => FLAGS.filter((flag) => flag.group === group).map((flag) => lineOf(flag));
  return [HEAD, ...groups.map((group) => [`${group}:`, ...linesOf(group), ''].join('\n')), TAIL].join('\n');
}

function lineOf({ name, also, value, isRepeatable, variable, help: text }: Flag): string {
  const spellings = [`--${name}`, ...also].join(', ');
  const notes = [...(variable ? [variable] : []), ...(isRepeatable ? ['repeatable'] : [])];
  return `  ${`${spellings}${value === undefined ? '' : ` ${value}`}`.padEnd(COLUMN)} ${text}${notes.length > 0 ? ` [${notes.join(', ')}]` : ''}`;
}

const HEAD = `mcpo-proxy ${VERSION}: MCP servers as OpenAPI tools for Open WebUI

Usage:
  mcpo-proxy [options] -- COMMAND [ARGUMENT...]   one server, run over stdio
  mcpo-proxy [options] -- URL                     one server over HTTP
  mcpo-proxy [options] --config FILE              the servers of a file
  mcpo-proxy [options]                            the server of MCP_SERVER_URL, else an embedded planner
  mcpo-proxy check [options] ...                  starts the servers, prints what they offer, and ends
  mcpo-proxy authorize NAME [options] ...         prints the link by which a person authorizes a server, and waits

Examples:
  mcpo-proxy --port 8000 --api-key top-secret-key -- uvx mcp-server-time --local-timezone=Europe/Berlin
  mcpo-proxy --header '{"Authorization": "Bearer TOKEN"}' -- https://mcp.example.com/mcp
  mcpo-proxy --config mcp.json --hot-reload
  mcpo-proxy check --config mcp.json
`;

const TAIL = `A flag wins over its variable [in brackets]. All variables can stand in a file .env in the working directory, too.
Exit codes: 0, and 1 for settings that are wrong (a line each on stderr) or servers that check found failing.
`;
