/**
 * `npm run test:integrators`: looks at the documents of a gateway with the tools that integrators use, calls tools of its planner with clients that were
 * generated from them, and has MCP clients of others at its MCP endpoint. What the tools say and is meant to be so is in exceptions.ts. The last line is `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allListed } from '../support/listed.ts';
import { startGateway } from '../support/processes.ts';
import { CHECKS as OPENAPI_CHECKS, type Scene } from './checks.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { installTools, type Tools } from './install.ts';
import { MCP_CHECKS } from './mcp-clients.ts';

const CHECKS = [...OPENAPI_CHECKS, ...MCP_CHECKS];
const KEY = 'sk-key-of-integrators';

const folder = mkdtempSync(path.join(tmpdir(), 'integrators-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const tools = await installTools().catch((error: unknown) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
process.exit((await judged(tools)) ? 0 : 1);

async function judged(installed: Tools): Promise<boolean> {
  const gateway = await startGateway({ cwd: folder, env: { API_KEYS: KEY, LOG_LEVEL: 'info' } });
  let failed = 0;
  try {
    await allListed(gateway.url, 60_000);
    for (const { title, run } of CHECKS) {
      const scene: Scene = { url: gateway.url, key: KEY, tools: installed, folder };
      const error = await run(scene).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined) failed++;
      console.log(`${error === undefined ? 'ok     ' : 'FAILED '} ${title}`);
      if (error !== undefined) console.log(error);
    }
  } finally {
    await gateway.stop();
  }
  for (const [tool, rules] of Object.entries(EXCEPTIONS))
    for (const [rule, reason] of Object.entries(rules)) console.log(`left out of ${tool}: ${rule}: ${reason}`);
  console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
  return failed === 0;
}
