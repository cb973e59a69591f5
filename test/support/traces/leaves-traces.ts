import { appendFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import * as metrics from 'prom-client';

const globals = globalThis as { trace?: string; fetch: typeof fetch };

/** What a test file can leave behind in a process, and whether it is there. */
const TRACES: Readonly<Record<string, { isThere(): boolean; leave(): void }>> = {
  'a new global': { isThere: () => 'trace' in globals, leave: () => void (globals.trace = 'left') },
  'a global replaced': {
    isThere: () => fetch.name === 'left',
    leave: () => void (globals.fetch = { left: () => Promise.reject(new Error()) }.left),
  },
  'a variable': { isThere: () => 'TRACE' in process.env, leave: () => void (process.env['TRACE'] = 'left') },
  'a variable removed': { isThere: () => process.env['PATH'] === undefined, leave: () => void delete process.env['PATH'] },
  'a listener': { isThere: () => process.listenerCount('SIGUSR2') > 0, leave: () => void process.on('SIGUSR2', () => undefined) },
  'a clock': { isThere: () => Date.now() === 7, leave: () => void jest.useFakeTimers({ now: 7 }) },
  "Nest's logger": {
    isThere: () => Logger['staticInstanceRef'] === undefined,
    leave: () => void (Logger['staticInstanceRef'] = undefined),
  },
  "a method of Nest's": {
    isThere: () => InterceptorsConsumer.prototype.intercept.name === 'left',
    leave: () => void (InterceptorsConsumer.prototype.intercept = { left: () => Promise.reject(new Error()) }.left),
  },
  'a metric': {
    isThere: () => metrics.register.getSingleMetric('left') !== undefined,
    leave: () => void new metrics.Counter({ name: 'left', help: 'left' }),
  },
};

/** A test that finds none of them, and leaves all. Writes how many test files have used this instance of a package. */
export function leavesTraces(): void {
  it('finds the process as new', () => {
    const there = () => Object.keys(TRACES).filter((name) => TRACES[name]?.isThere());
    const shared = metrics.Registry.prototype as { users?: number };
    shared.users = (shared.users ?? 0) + 1;
    appendFileSync(process.env['USERS_FILE'] as string, `${shared.users}\n`);
    expect(there()).toEqual([]);
    for (const { leave } of Object.values(TRACES)) leave();
    expect(there()).toEqual(Object.keys(TRACES));
  });
}
