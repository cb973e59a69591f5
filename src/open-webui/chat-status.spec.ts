import { ChatStatus } from './chat-status.js';
import type { PostEnd, Status } from './post-status.js';

const TAKEN: PostEnd = { kind: 'taken' };
const FAILED: PostEnd = { kind: 'failed', reason: 'x' };
const REFUSED: PostEnd = { kind: 'refused', reason: 'x' };

/** The clock is a mock. */
describe('[AC4] what a chat is told of a call', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** A line that posts at once, and is answered when a test says so. */
  const start = () => {
    const posted: Status[] = [];
    const states: string[] = [];
    let underWay: Status | undefined;
    const line = {
      due: (one: ChatStatus) => {
        underWay = one.take();
        if (underWay) posted.push(underWay);
      },
      ending: () => void states.push('ending'),
      over: () => void states.push('over'),
    };
    const status = new ChatStatus({ chatId: 'c', messageId: 'm' }, line);
    const answer = (end: PostEnd) => status.posted(underWay as Status, end);
    return { status, posted, states, answer };
  };

  it('is nothing of one that tells nothing', () => {
    const { status, posted, states } = start();
    status.end('done');
    status.report('late');
    expect([posted, states]).toEqual([[], ['over']]);
  });

  it('is one thing at a time, the latest, half a second apart, and its end last', () => {
    const { status, posted, states, answer } = start();
    for (const text of ['1', '2', '3']) status.report(text);
    expect(posted).toEqual([{ description: '1', done: false }]);
    answer(TAKEN);
    jest.advanceTimersByTime(499);
    status.report('4');
    expect(posted).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(posted[1]).toEqual({ description: '4', done: false });
    status.report('5');
    status.end('done');
    status.end('again');
    status.report('late');
    answer(TAKEN);
    jest.advanceTimersByTime(500);
    expect(posted.slice(2)).toEqual([{ description: 'done', done: true }]);
    answer(TAKEN);
    expect([states, jest.getTimerCount()]).toEqual([['ending', 'over'], 0]);
  });

  it('is its end at once where little was told in the last second', () => {
    const { status, posted, answer } = start();
    for (const text of ['1', '2']) {
      status.report(text);
      answer(TAKEN);
      jest.advanceTimersByTime(900);
    }
    status.report('3');
    answer(TAKEN);
    jest.advanceTimersByTime(99);
    status.end('done');
    expect(posted).toHaveLength(3);
    jest.advanceTimersByTime(1);
    expect(posted[3]).toEqual({ description: 'done', done: true });
  });

  it('is its end again and again while that fails, for a minute', () => {
    const { status, posted, states, answer } = start();
    status.report('1');
    answer(FAILED);
    status.end('done');
    answer(FAILED);
    for (let seconds = 0; seconds < 120; seconds += 10) {
      const count = posted.length;
      jest.advanceTimersByTime(10_000);
      if (posted.length > count) answer(FAILED);
    }
    expect(posted.length).toBe(8);
    expect(posted.slice(1).every(({ done }) => done)).toBe(true);
    expect([states, jest.getTimerCount()]).toEqual([['ending', 'over'], 0]);
  });

  it('is no more where it is refused', () => {
    const { status, posted, states, answer } = start();
    status.report('1');
    answer(REFUSED);
    status.report('2');
    status.end('done');
    jest.advanceTimersByTime(60_000);
    expect([posted.length, states]).toEqual([1, ['over']]);
  });
});
