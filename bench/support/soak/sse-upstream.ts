/**
 * An MCP server of 2024-11-05 over HTTP+SSE with one tool, `work`, which counts its executions like the planner: one JSON object a
 * line in the file that the second argument names. The first argument is the port.
 */
import { appendFileSync } from 'node:fs';
import { RawSseServer, answerTo } from '../../../test/support/raw-sse-server.ts';

const [port, executionsFile = ''] = process.argv.slice(2);
const server = await RawSseServer.start({
  port: Number(port),
  on: {
    'tools/call': (posted) => {
      const correlation_id = posted.message.params?._meta?.['io.mcpo-proxy/correlation-id'];
      appendFileSync(executionsFile, `${JSON.stringify({ tool: 'work', correlation_id })}\n`);
      return answerTo(posted);
    },
  },
});
console.log(JSON.stringify({ msg: 'listening', url: server.origin }));
process.once('SIGTERM', () => process.exit(0));
