import { BriefMap } from './brief-map.js';

describe('[P2] BriefMap', () => {
  it('holds values by their keys, in the order in which they came, until they are deleted', () => {
    const map = new BriefMap<string | number, object>();
    const [one, other] = [{}, {}];
    map.add('1', one);
    map.add(1, other);
    expect([map.size, map.get('1'), map.get(1), map.has(1), map.has('2')]).toEqual([2, one, other, true, false]);
    expect(map.values()).toEqual([one, other]);
    map.delete('1');
    map.delete('1');
    map.delete('2');
    expect([map.size, map.get('1'), map.has('1')]).toEqual([1, undefined, false]);
    expect(map.values()).toEqual([other]);
  });
});
