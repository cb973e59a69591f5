/**
 * `npm run test:guards [-- NUMBER ...]`: takes each guard out, one at a time, and sees its test fail; before that sees all these tests pass.
 * The last line is `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { printTable } from '../../bench/support/table.ts';
import { type Guard, readGuards } from './guard.ts';
import { Rebuild } from './rebuild.ts';
import { type TestRun, Workshop } from './workshop.ts';

/** Each has a copy of the repository of its own. */
const WORKSHOPS = 2;

const { positionals } = parseArgs({ allowPositionals: true });
const guards = readGuards(positionals);
const rebuild = new Rebuild();
const workshops = await Promise.all(Array.from({ length: WORKSHOPS }, () => Workshop.open(rebuild)));
process.once('exit', () => workshops.forEach((workshop) => workshop.close()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

interface Verdict {
  readonly guard: Guard;
  readonly withIt: TestRun;
  readonly without: TestRun;
  readonly isShown: boolean;
}

const waiting = [...guards];
const verdicts = (await Promise.all(workshops.map(judgeWaiting))).flat().sort((a, b) => guards.indexOf(a.guard) - guards.indexOf(b.guard));

for (const { guard, withIt, without } of verdicts.filter(({ isShown }) => !isShown)) {
  console.log(`== ${guard.id}: ${guard.guard}`);
  console.log(withIt.failed > 0 || withIt.passed === 0 ? withIt.output : without.output);
}
printTable(
  ['row', 'threat', 'guard', 'its tests', 'without it'],
  verdicts.map(({ guard, withIt, without, isShown }) => [
    guard.id,
    guard.threat,
    guard.guard,
    `${withIt.passed} of ${withIt.passed + withIt.failed} pass`,
    isShown ? `${without.failed} fail` : 'NOT SHOWN',
  ]),
);
const shown = verdicts.filter(({ isShown }) => isShown).length;
console.log(`${shown} passed, ${verdicts.length - shown} failed`);
process.exit(shown === verdicts.length && shown > 0 ? 0 : 1);

async function judgeWaiting(workshop: Workshop): Promise<Verdict[]> {
  const judged: Verdict[] = [];
  for (let guard = waiting.shift(); guard; guard = waiting.shift()) {
    const withIt = await workshop.testWith(guard);
    const without = await workshop.testWithout(guard);
    const isShown = without.failed > 0 && withIt.failed === 0 && withIt.passed > 0;
    console.error(`${isShown ? 'ok       ' : 'NOT SHOWN'} ${guard.id}`);
    judged.push({ guard, withIt, without, isShown });
  }
  return judged;
}
