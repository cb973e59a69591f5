import { WeightedLru } from './weighted-lru.js';

describe('WeightedLru', () => {
  it('drops what was asked for longest ago when all together weigh too much', () => {
    const lru = new WeightedLru<string, number>(10);
    lru.set('a', 1, 4);
    lru.set('b', 2, 4);
    expect(lru.get('a')).toBe(1);
    lru.set('c', 3, 6);
    expect(['a', 'b', 'c'].map((key) => lru.get(key))).toEqual([1, undefined, 3]);
  });

  it('weighs a value that is set anew once', () => {
    const lru = new WeightedLru<string, number>(10);
    lru.set('a', 1, 1);
    for (let time = 0; time < 10; time += 1) lru.set('b', time, 9);
    expect([lru.get('a'), lru.get('b')]).toEqual([1, 9]);
  });

  it('keeps the newest, however heavy', () => {
    const lru = new WeightedLru<string, number>(10);
    lru.set('a', 1, 1);
    lru.set('b', 2, 11);
    expect([lru.get('a'), lru.get('b'), lru.size]).toEqual([undefined, 2, 1]);
  });

  it('weighs nothing once it is cleared', () => {
    const lru = new WeightedLru<string, number>(10);
    lru.set('a', 1, 10);
    lru.clear();
    lru.set('b', 2, 5);
    lru.set('c', 3, 5);
    expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([undefined, 2, 3]);
  });
});
