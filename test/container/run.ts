/**
 * `npm run test:container`: judges Dockerfile and compose file without Docker: they are linted and held against the schema of the compose
 * specification; what the Dockerfile copies is laid out, and each service's own command is started in it, in a root that is read-only. The
 * last line is `N passed, N failed`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import redisInstalled from '../support/redis/redis-installed.ts';
import { installDebianPackages } from '../support/installed/debian.ts';
import { succeeds } from '../support/commands.ts';
import { CHECKS, SKIPPED } from './checks.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-container-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

await redisInstalled();
for (const program of ['tini', 'curl']) {
  if (!(await succeeds(program, ['--version']))) await installDebianPackages([program], 'The services are started as in their containers.');
}
let failed = 0;
for (const [index, { title, run }] of CHECKS.entries()) {
  const own = path.join(folder, String(index));
  mkdirSync(own);
  try {
    await run(own);
    console.log(`ok      ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}`);
    console.log(error);
  }
}
for (const { title } of SKIPPED) console.log(`skipped ${title}: it takes root, and a mount namespace (unshare --mount)`);
console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
