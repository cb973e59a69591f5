/**
 * `npm run test:guards [-- NUMBER ...]`: takes each guard out, one at a time, and sees its test fail; before that sees all these tests pass.
 * The last line is `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { printTable } from '../../bench/support/table.ts';
import { type Guard, readGuards } from './guard.ts';
import { named, type TestResult } from './jest-run.ts';
import { Rebuild } from './rebuild.ts';
import { type TestRun, Workshop } from './workshop.ts';

/** Each has a copy of the repository of its own. More than two cores need: tests wait much. */
const WORKSHOPS = 4;

const { positionals } = parseArgs({ allowPositionals: true });
const guards = readGuards(positionals);
const rebuild = new Rebuild();
const workshops = await Promise.all(Array.from({ length: WORKSHOPS }, () => Workshop.open(rebuild)));
process.once('exit', () => workshops.forEach((workshop) => workshop.close()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

interface Verdict {
  readonly guard: Guard;
  readonly withIt: readonly TestResult[];
  readonly without: TestRun;
  readonly isShown: boolean;
  readonly seconds: number;
}

/** As many at once as are without their guards later: what passes here does not fail there because the machine is busy. */
const withAll = await (workshops[0] as Workshop).testWith(guards, WORKSHOPS);
console.error(`${withAll.results.filter(({ status }) => status === 'passed').length} tests pass with all guards`);
const waiting = [...guards];
const verdicts = (await Promise.all(workshops.map(judgeWaiting))).flat().sort((a, b) => guards.indexOf(a.guard) - guards.indexOf(b.guard));

for (const { guard, withIt, without } of verdicts.filter(({ isShown }) => !isShown)) {
  console.log(`== ${guard.id}: ${guard.guard}`);
  console.log(passes(withIt) ? without.output : whyNot(withIt));
}
printTable(
  ['row', 'threat', 'guard', 'its tests', 'without it', 's'],
  verdicts.map(({ guard, withIt, isShown, seconds }) => [
    guard.id,
    guard.threat,
    guard.guard,
    `${withIt.filter(({ status }) => status === 'passed').length} of ${withIt.length} pass`,
    isShown ? 'one fails' : 'NOT SHOWN',
    seconds.toFixed(1),
  ]),
);
const shown = verdicts.filter(({ isShown }) => isShown).length;
console.log(`${shown} passed, ${verdicts.length - shown} failed`);
process.exit(shown === verdicts.length && shown > 0 ? 0 : 1);

async function judgeWaiting(workshop: Workshop): Promise<Verdict[]> {
  const judged: Verdict[] = [];
  for (let guard = waiting.shift(); guard; guard = waiting.shift()) {
    const verdict = await judge(guard, workshop);
    console.error(`${verdict.isShown ? 'ok       ' : 'NOT SHOWN'} ${guard.id} ${verdict.seconds.toFixed(1)} s`);
    judged.push(verdict);
  }
  return judged;
}

async function judge(guard: Guard, workshop: Workshop): Promise<Verdict> {
  const begun = performance.now();
  const withIt = named(guard.test, withAll.results).filter(({ spec }) => spec === guard.spec);
  const without = await workshop.testWithout(guard);
  const isShown = passes(withIt) && without.results.some(({ status }) => status === 'failed');
  return { guard, withIt, without, isShown, seconds: (performance.now() - begun) / 1000 };
}

function passes(results: readonly TestResult[]): boolean {
  return results.some(({ status }) => status === 'passed') && results.every(({ status }) => status !== 'failed');
}

function whyNot(withIt: readonly TestResult[]): string {
  const messages = withIt.flatMap((result) => result.messages);
  if (messages.length > 0) return `With the guard its tests fail:\n${messages.join('\n')}`;
  return withAll.results.length > 0 ? 'No test of that name has run.' : withAll.output;
}
