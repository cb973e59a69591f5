import { toCallProgress } from './call-progress.js';

const shown = (message: string) => message.trim();

describe('[AC4] the progress of a call', () => {
  it.each([
    [{ progressToken: 'req_1', progress: 1 }, { progress: 1 }],
    [
      { progressToken: 'req_1', progress: 0, total: 2.5, message: ' half ', _meta: {}, other: 'x' },
      { progress: 0, total: 2.5, message: 'half' },
    ],
    [{ progress: -1, total: null, message: '  ' }, { progress: -1 }],
    [{ progress: 1, total: '2', message: ['x'] }, { progress: 1 }],
    [{ progress: 1, total: Infinity }, { progress: 1 }],
  ])('of %j is %j', (params, progress) => {
    expect(toCallProgress(params, shown)).toStrictEqual(progress);
  });

  it.each([[{}], [{ progress: '1' }], [{ progress: null }], [{ progress: Infinity }], [{ total: 1, message: 'x' }]])(
    'is none in %j',
    (params) => {
      expect(toCallProgress(params, shown)).toBeUndefined();
    },
  );
});
