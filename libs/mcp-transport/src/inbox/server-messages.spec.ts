import { ServerMessages } from './server-messages.js';

describe('ServerMessages', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('[AC3][P5] makes one of the changes of tools that come within 50 ms, while they come, too, and not only once they have ended', () => {
    const delivered: unknown[] = [];
    const messages = new ServerMessages({ deliver: (message) => delivered.push(message), answer: () => Promise.resolve() });
    for (let ms = 0; ms < 1_000; ms += 10) {
      messages.take({ method: 'notifications/tools/list_changed' });
      jest.advanceTimersByTime(10);
    }
    expect(delivered).toHaveLength(20);
  });
});
