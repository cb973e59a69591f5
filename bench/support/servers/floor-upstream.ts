import { Pool } from 'undici';

const [upstreamUrl = ''] = process.argv.slice(2);

/** To the server behind a floor, which the command line names. */
export const pool = new Pool(upstreamUrl, { connections: 50 });

/** What a floor sends it with every message. */
export const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-session-id': 'bench-session',
  'mcp-protocol-version': '2025-06-18',
};
