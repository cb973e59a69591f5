import { setImmediate as nextTurn } from 'node:timers/promises';
import { Flow } from './flow.js';
import { ReadingShare } from './reading-share.js';

describe("[P5][AC3] one server's share of memory for its answers", () => {
  const reader = () => {
    let isReading = true;
    const flow = new Flow(() => ({ pause: () => (isReading = false), resume: () => (isReading = true) }));
    return { flow, isReading: () => isReading };
  };

  it('lets the first be read on beyond it, and the others as soon as there is room', async () => {
    const share = new ReadingShare(100);
    const [one, two, three] = [reader(), reader(), reader()];
    const reading = () => nextTurn().then(() => [one, two, three].map((each) => each.isReading()));
    share.add(one.flow, 60);
    share.add(two.flow, 30);
    expect(await reading()).toEqual([true, true, true]);
    share.add(three.flow, 20);
    share.add(two.flow, 10);
    share.add(one.flow, 60);
    expect(await reading()).toEqual([true, false, false]);
    share.release(one.flow);
    expect(await reading()).toEqual([true, true, true]);
    share.add(three.flow, 90);
    expect(await reading()).toEqual([true, true, false]);
    share.release(three.flow);
    share.release(three.flow);
    share.add(three.flow, 1);
    expect(await reading()).toEqual([true, true, true]);
  });

  it('goes on with the next when the first is over', async () => {
    const share = new ReadingShare(10);
    const [one, two] = [reader(), reader()];
    share.add(one.flow, 9);
    share.add(two.flow, 20);
    expect(two.isReading()).toBe(false);
    share.release(one.flow);
    await nextTurn();
    expect(two.isReading()).toBe(true);
  });

  it('holds up with others what is held up besides', async () => {
    const { flow, isReading } = reader();
    flow.pause();
    flow.pause();
    flow.resume();
    await nextTurn();
    expect(isReading()).toBe(false);
    flow.resume();
    await nextTurn();
    expect(isReading()).toBe(true);
  });
});
