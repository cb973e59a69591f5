import path from 'node:path';
import testSequencer from '@jest/test-sequencer';
import { SLOW_SUITES } from './slow-suites.ts';

/** As with jest's runtime: Node finds the class itself. */
const TestSequencer = testSequencer as unknown as typeof testSequencer.default;
type Tests = Parameters<InstanceType<typeof TestSequencer>['sort']>[0];

const SECONDS_OF_OTHERS = { e2e: 5, unit: 0.5 } as const;
/** What takes so many seconds waits for most of them. */
const SLOW_S = 15;
/** So many others come after each slow one. */
const OTHERS = 3;

/**
 * The longest test files first: jest sorts them by how long each took last, which a clean clone does not know; there by what is written
 * here. Else one that waits for half a minute may start when all others are through, and the cores have nothing to do. Nor have they when
 * all workers wait: the slow ones, which wait, come between the others, which compute.
 */
export default class MixedSequencer extends TestSequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    if (sorted.some(({ duration }) => duration === undefined)) sorted.sort((one, other) => seconds(other) - seconds(one));
    const { slow = [], others = [] } = Object.groupBy(sorted, (test) => (seconds(test) >= SLOW_S ? 'slow' : 'others'));
    const mixed = slow.flatMap((test, index) => [test, ...others.slice(index * OTHERS, (index + 1) * OTHERS)]);
    return [...mixed, ...others.slice(slow.length * OTHERS)];
  }
}

function seconds({ path: file, duration, context }: Tests[number]): number {
  if (duration !== undefined) return duration / 1000;
  const others = file.endsWith('.e2e-spec.ts') ? SECONDS_OF_OTHERS.e2e : SECONDS_OF_OTHERS.unit;
  return SLOW_SUITES[path.relative(context.config.rootDir, file)] ?? others;
}
