import type { EnvironmentContext, JestEnvironment, JestEnvironmentConfig } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';
import { rememberProcess } from './process-state.ts';

/**
 * The globals, as fake timers see them: not the same object, or Node's `timers` and `timers/promises` would be faked too, and with a
 * `process` of its own, or `process.nextTick` would be, which streams and files of Node need.
 */
const PROCESS = Object.create(process) as typeof process;
const FAKEABLE = new Proxy(globalThis, {
  get: (globals, key): unknown => (key === 'process' ? PROCESS : Reflect.get(globals, key)),
});

/** More than Node's 10: a failed test is told by the last of them that is its own. */
const STACK_FRAMES = 20;

/** Runs tests in the worker's own context, where packages live that are loaded once per worker; leaves it as it was. See docs/adr/0011. */
export default class OneContextEnvironment implements JestEnvironment {
  readonly global = globalThis as unknown as JestEnvironment['global'];
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  private readonly putBackProcess = rememberProcess();
  private isOver = false;

  constructor({ projectConfig }: JestEnvironmentConfig, _context: EnvironmentContext) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: FAKEABLE });
  }

  /** jest has set it to 100, by which each of the errors that a gateway makes as it goes costs ten times what it does elsewhere. */
  async setup(): Promise<void> {
    Error.stackTraceLimit = STACK_FRAMES;
  }

  async teardown(): Promise<void> {
    this.isOver = true;
    this.fakeTimersModern.dispose();
    this.putBackProcess();
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }

  /** jest wants one; the runtime compiles for the worker's own context. */
  getVmContext(): object | null {
    return this.isOver ? null : globalThis;
  }
}
