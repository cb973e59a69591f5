/** For `jest.useFakeTimers({ doNotFake })`: the clock of intervals alone is a mock. */
export const EVERYTHING_BUT_INTERVALS = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const as never;
