import type { JestEnvironment } from '@jest/environment';
import OneContextEnvironment from '../runner/one-context.environment.ts';

type TestEventHandler = NonNullable<JestEnvironment['handleTestEvent']>;
type TestEvent = Parameters<TestEventHandler>[0] | { readonly name: 'test_start' | 'test_done'; readonly test: Test };

interface Test {
  readonly errors: readonly unknown[];
  mode: 'skip' | unknown;
}

/** The tests' usual surroundings, in which none runs any more once one has failed: one failure shows a guard. */
export default class FirstFailureEnvironment extends OneContextEnvironment {
  private hasFailed = false;

  handleTestEvent(event: TestEvent): void {
    if (event.name === 'test_done' && event.test.errors.length > 0) this.hasFailed = true;
    if (event.name === 'test_start' && this.hasFailed) event.test.mode = 'skip';
  }
}
