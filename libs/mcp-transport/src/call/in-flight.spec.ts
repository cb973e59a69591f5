import { InFlight } from './in-flight.js';

describe('[P1] things in flight', () => {
  const of = (names: string) => [...names].map((name) => ({ name, place: -1 }));
  const names = (held: InFlight<{ name: string; place: number }>) => [...held].map(({ name }) => name).sort();

  it('are held until they are deleted, in whatever order that is', () => {
    for (const order of ['abcd', 'dcba', 'bdac', 'cabd']) {
      const things = of('abcd');
      const held = new InFlight<(typeof things)[number]>();
      for (const one of things) held.add(one);
      const left = [...'abcd'];
      for (const name of order) {
        held.delete(things.find((one) => one.name === name) as (typeof things)[number]);
        left.splice(left.indexOf(name), 1);
        expect(names(held)).toEqual(left);
        expect(held.size).toBe(left.length);
      }
    }
  });

  it('are deleted once, and none in the place of another', () => {
    const [a, b] = of('ab') as [{ name: string; place: number }, { name: string; place: number }];
    const held = new InFlight<typeof a>();
    held.delete(a);
    held.add(a);
    held.add(b);
    held.delete(a);
    held.delete(a);
    expect(names(held)).toEqual(['b']);
    held.add(a);
    expect(names(held)).toEqual(['a', 'b']);
    expect(held.find(({ name }) => name === 'a')).toBe(a);
  });

  it('may be deleted while they are looked at', () => {
    const held = new InFlight<{ name: string; place: number }>();
    for (const one of of('abc')) held.add(one);
    for (const one of held) held.delete(one);
    expect(held.size).toBe(0);
  });
});
