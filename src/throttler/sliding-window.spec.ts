import { SlidingWindow, slotAt } from './sliding-window.js';

describe('SlidingWindow', () => {
  const at = (seconds: number) => slotAt(seconds * 1000);

  it('[P3] holds each hit for 60 seconds of its own', () => {
    const window = new SlidingWindow();
    for (const seconds of [0, 0.001, 10, 30]) window.add(at(seconds));
    expect([0, 59.98, 60, 69.98, 70, 90, 500].map((seconds) => window.hits(at(seconds)))).toEqual([4, 4, 2, 2, 1, 0, 0]);
    window.add(at(500));
    expect(window.hits(at(501))).toBe(1);
  });

  it('[E4] tells in whole seconds when the oldest hit leaves it', () => {
    const window = new SlidingWindow();
    expect(window.secondsToNext(at(0))).toBe(1);
    window.add(at(0));
    window.add(at(20));
    expect([0, 0.5, 1, 59.5, 59.99].map((seconds) => window.secondsToNext(at(seconds)))).toEqual([60, 60, 59, 1, 1]);
    expect(window.hits(at(60))).toBe(1);
    expect(window.secondsToNext(at(60))).toBe(20);
  });
});
