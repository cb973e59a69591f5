/**
 * `npm run test:helm`: judges the chart by Helm itself and by the schemas of Kubernetes: each values file of its folder ci is linted, rendered and
 * looked at, values that are wrong are refused, and what the Deployment starts is started. No cluster is needed. The last line is `N passed, N failed`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Chart } from './chart.ts';
import { CHECKS } from './checks.ts';
import { installTools } from './install.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-helm-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const tools = await installTools().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
const chart = new Chart(tools);
let failed = 0;
for (const [index, { title, run }] of CHECKS.entries()) {
  const own = path.join(folder, String(index));
  mkdirSync(own);
  try {
    await run(chart, own);
    console.log(`ok      ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}`);
    console.log(error);
  }
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
