import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ROOT } from '../processes.ts';
import { until } from '../until.ts';

/** The script of one of the reference servers. */
export function packaged(name: string): string {
  return path.join(ROOT, `node_modules/@modelcontextprotocol/${name}/dist/index.js`);
}

/** server-everything over streamable HTTP at `/mcp`, or SSE at `/sse`; it says in no words of ours when it listens. `stop` kills it. */
export async function startEverything(
  port: number,
  mode: 'streamableHttp' | 'sse' = 'streamableHttp',
): Promise<{ stop(): Promise<unknown> }> {
  const { PATH, HOME } = process.env as Record<string, string>;
  const child = spawn(process.execPath, [packaged('server-everything'), mode], {
    env: { PATH, HOME, PORT: String(port) },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  // Nothing is at the root of either.
  const answers = () => fetch(`http://127.0.0.1:${port}/`).then(({ status }) => status === 404);
  await until('server-everything listens', () => answers().catch(() => false));
  return {
    stop: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}
