import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { DRAIN_MS } from './limits.js';
import { createMcpServer } from './mcp-server.js';
import { asOneWrite } from './one-write.js';
import type { RunningFace } from './running-face.js';
import type { ToolCalls } from './calls/tool-calls.js';

/** Serves one client on stdin and stdout; calls `onEnd` when the client has gone. */
export async function serveStdio(calls: ToolCalls, onEnd: () => void): Promise<RunningFace> {
  const server = createMcpServer(calls);
  process.stdin.once('end', onEnd);
  // Calls that come together are answered together.
  process.stdin.on('data', () => asOneWrite(process.stdout));
  // Nobody reads answers any more; without a listener the error would end the process before its data is kept.
  process.stdout.once('error', onEnd);
  await server.connect(new StdioServerTransport());
  return {
    close: async () => {
      await calls.drain(DRAIN_MS);
      await server.close();
    },
  };
}
