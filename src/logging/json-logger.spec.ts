import 'reflect-metadata';
import { Inject, Logger, Module, type OnModuleDestroy, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createLogger, JsonLoggerService } from './json-logger.js';

const CANARY = 'CANARY-3f0c';

class NeedsMore {
  constructor(@Inject('MISSING') readonly missing: unknown) {}
}
@Module({ providers: [NeedsMore] })
class LacksProvider {}

@Module({
  providers: [
    {
      provide: 'BROKEN',
      useFactory: () => {
        throw new Error('the factory failed');
      },
    },
  ],
})
class HasBrokenFactory {}

class FailsAtTheEnd implements OnModuleDestroy {
  onModuleDestroy(): void {
    throw new Error('could not let go');
  }
}
@Module({ providers: [FailsAtTheEnd] })
class EndsBadly {}

describe('JsonLoggerService', () => {
  let lines: Record<string, unknown>[];
  let logger: JsonLoggerService;
  beforeEach(() => {
    lines = [];
    logger = new JsonLoggerService(
      createLogger('trace', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
    );
  });
  /** What is logged, without its time. */
  const said = () => lines.map(({ time, ...line }) => (expect(typeof time).toBe('string'), line));

  const error = Object.assign(new TypeError('it broke', { cause: new Error('a wire') }), { code: 'EBROKE', request: CANARY });
  const stack = 'Error: it broke\n    at there (file.js:1:2)';
  const err = {
    type: 'TypeError',
    message: 'it broke: a wire',
    stack: expect.stringMatching(/it broke\n +at .*\n(.*\n)*caused by: Error: a wire/),
    code: 'EBROKE',
  };

  it.each<[string, readonly [unknown, ...unknown[]], object]>([
    ['a message', ['text'], { msg: 'text' }],
    ['a message and a context', ['text', 'ctx'], { msg: 'text', context: 'ctx' }],
    ['fields', [{ msg: 'text', a: 1 }, 'ctx'], { msg: 'text', a: 1, context: 'ctx' }],
    ['a message and its stack', ['text', stack], { msg: 'text', stack }],
    ['a message, no stack and a context', ['text', undefined, 'ctx'], { msg: 'text', context: 'ctx' }],
    ['a message, its stack and a context', ['text', stack, 'ctx'], { msg: 'text', stack, context: 'ctx' }],
    ['a message, a context and its stack', ['text', 'ctx', stack], { msg: 'text', stack, context: 'ctx' }],
    ['more than a message', ['text', 'more', { a: 1 }, stack, 'ctx'], { msg: 'text', params: ['more', { a: 1 }], stack, context: 'ctx' }],
    ['an error', [error], { msg: 'it broke', err }],
    ['an error and a context', [error, 'ctx'], { msg: 'it broke', err, context: 'ctx' }],
    ['an error, no stack and a context', [error, undefined, 'ctx'], { msg: 'it broke', err, context: 'ctx' }],
    ['an error, its stack and a context', [error, stack, 'ctx'], { msg: 'it broke', err, context: 'ctx' }],
    ['a message and an error', ['text', error], { msg: 'text', err }],
    ['a message, an error and a context', ['text', error, 'ctx'], { msg: 'text', err, context: 'ctx' }],
    ['an error and another', [error, error, 'ctx'], { msg: 'it broke', err, params: [err], context: 'ctx' }],
    ['fields with an error', [{ msg: 'text', err: error }, 'ctx'], { msg: 'text', err, context: 'ctx' }],
    ['fields with an error of another name', [{ msg: 'text', reason: error }], { msg: 'text', reason: err }],
    ['what is no text', [undefined, 'ctx'], { msg: 'undefined', context: 'ctx' }],
    ['a list', [[1, 'a'], 'ctx'], { msg: "[ 1, 'a' ]", context: 'ctx' }],
    ['an object of a class', [new Map([['a', 1]]), 'ctx'], { msg: "Map(1) { 'a' => 1 }", context: 'ctx' }],
  ])('writes %s', (_what, args, line) => {
    logger.error(...args);
    expect(said()).toEqual([{ level: 'error', ...line }]);
  });

  it('writes the parts of an error that is made of several, which says nothing itself', () => {
    const parts = [new Error('connect ECONNREFUSED ::1:1'), new TypeError('connect ECONNREFUSED 127.0.0.1:1'), 'no error'];
    const several = Object.assign(new AggregateError(parts, ''), { code: 'ECONNREFUSED' });
    logger.error(several);
    logger.error({ msg: 'text', err: new AggregateError(Array(1_000).fill(parts[0]), 'all of them') });
    logger.error(new Error('fetch failed', { cause: several }));
    const [one, two] = ['Error: connect ECONNREFUSED ::1:1', 'TypeError: connect ECONNREFUSED 127.0.0.1:1'] as const;
    const all = { type: 'AggregateError', stack: expect.stringMatching(/\n +at /) };
    expect(said()).toEqual([
      { level: 'error', msg: `${one}; ${two}; string`, err: { ...all, message: '', code: 'ECONNREFUSED', errors: [one, two, 'string'] } },
      { level: 'error', msg: 'text', err: { ...all, message: 'all of them', errors: Array(5).fill(one) } },
      { level: 'error', msg: 'fetch failed', err: { ...all, type: 'Error', message: 'fetch failed: ', errors: [one, two, 'string'] } },
    ]);
  });

  it('says of an error that cannot be read that there was one', () => {
    class Unreadable extends Error {
      override get message(): string {
        throw new Error('a getter');
      }
    }
    logger.error(new Unreadable());
    const message = 'an error that cannot be read';
    expect(said()).toEqual([{ level: 'error', msg: message, err: { type: 'Error', message } }]);
  });

  it.each([
    ['log', 'info'],
    ['warn', 'warn'],
    ['error', 'error'],
    ['fatal', 'fatal'],
    ['debug', 'debug'],
    ['verbose', 'trace'],
  ] as const)('writes an error that is told by %s', (method, level) => {
    Logger.overrideLogger(logger);
    new Logger('ctx')[method](error);
    Logger[method](error, 'ctx');
    expect(said()).toEqual(Array(2).fill({ level, msg: 'it broke', err, context: 'ctx' }));
  });

  it('[S6] writes nothing else of an error than what it is and where', () => {
    logger.error(error);
    logger.error({ msg: 'text', err: error, reason: error });
    expect(JSON.stringify(lines)).not.toContain(CANARY);
  });

  const create = (module: Type) => NestFactory.createApplicationContext(module, { logger, abortOnError: false });

  it.each<[Type, RegExp]>([
    [LacksProvider, /^Nest can't resolve dependencies of the NeedsMore \(\?\)\..* "MISSING" at index \[0\]/],
    [HasBrokenFactory, /^the factory failed$/],
  ])('has in full what keeps Nest from making %p', async (module, message) => {
    await expect(create(module)).rejects.toThrow(message);
    expect(said()).toContainEqual({
      level: 'error',
      context: 'ExceptionHandler',
      msg: expect.stringMatching(message),
      err: { type: expect.any(String), message: expect.stringMatching(message), stack: expect.stringMatching(/\n +at /) },
    });
  });

  it('has in full what goes wrong when a module is ended', async () => {
    await (await create(EndsBadly)).close();
    const message = 'could not let go';
    const stack = expect.stringMatching(/could not let go\n +at FailsAtTheEnd\.onModuleDestroy/);
    expect(said()).toContainEqual({ level: 'error', msg: message, err: { type: 'Error', message, stack } });
  });
});
