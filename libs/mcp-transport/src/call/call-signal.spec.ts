import { CallAbort, type CallSignal } from './call-signal.js';

/** What stands for an AbortSignal does what one does. */
describe.each<[string, () => { signal: CallSignal; abort: () => void }]>([
  ['AbortController', () => new AbortController()],
  ['CallAbort', () => ((signal) => ({ signal, abort: () => signal.abort() }))(new CallAbort())],
])('[E2] a signal of %s', (_, make) => {
  const start = () => {
    const controller = make();
    const told: string[] = [];
    const listener = (name: string) => () => void told.push(name);
    return { signal: controller.signal, abort: () => controller.abort(), told, listener };
  };

  it('tells all who listen, functions and objects, in order and once', () => {
    const { signal, abort, told, listener } = start();
    signal.addEventListener('abort', listener('a'));
    signal.addEventListener('abort', { handleEvent: listener('b') });
    signal.addEventListener('abort', listener('c'));
    expect([signal.aborted, told]).toEqual([false, []]);
    abort();
    abort();
    expect([signal.aborted, told]).toEqual([true, ['a', 'b', 'c']]);
  });

  it('tells none who has stopped to listen, or listens too late', () => {
    const { signal, abort, told, listener } = start();
    const [a, b, c] = [listener('a'), { handleEvent: listener('b') }, listener('c')];
    signal.addEventListener('abort', a);
    signal.removeEventListener('abort', b);
    signal.removeEventListener('abort', a);
    for (const each of [a, b, c]) signal.addEventListener('abort', each);
    signal.removeEventListener('abort', b);
    abort();
    signal.addEventListener('abort', b);
    abort();
    expect(told).toEqual(['a', 'c']);
  });
});
