import { AlertStates, type Look } from './alert-states.js';
import { LastMinute } from './last-minute.js';

const look = (isSo: boolean | undefined, more: Partial<Look> = {}): Look => ({
  alert: 'server_down',
  server: 'one',
  isSo,
  textWhenFiring: 'away',
  textWhenResolved: 'back',
  ...more,
});

describe('[MON] AlertStates', () => {
  const told = (looks: readonly (boolean | undefined)[], more: Partial<Look> = {}) => {
    const states = new AlertStates();
    return looks.map((isSo) => states.take([look(isSo, more)]).map(({ state }) => state));
  };

  it('tells of a beginning and of an end, and of nothing meanwhile', () => {
    expect(told([false, true, true, true, false, false, false, true])).toEqual([[], ['firing'], [], [], [], ['resolved'], [], ['firing']]);
  });

  it('waits until it has been so for a while', () => {
    expect(told([true, true, false, true, true, true], { looksToFire: 3 })).toEqual([[], [], [], [], [], ['firing']]);
  });

  it('takes what comes and goes for one', () => {
    expect(told([true, false, true, false, true]).flat()).toEqual(['firing']);
  });

  it('changes nothing where nobody knows', () => {
    expect(told([true, false, undefined, undefined, false])).toEqual([['firing'], [], [], [], ['resolved']]);
  });

  it('ends what is looked at no more, once', () => {
    const states = new AlertStates();
    states.take([look(true), look(true, { server: 'two' }), look(false, { server: 'three' })]);
    expect(states.take([look(true)]).map(({ server, state }) => [server, state])).toEqual([['two', 'resolved']]);
    expect(states.take([look(true)])).toEqual([]);
  });
});

describe('[MON] LastMinute', () => {
  it('tells how much has come in twelve looks', () => {
    const minute = new LastMinute<{ calls: number }>();
    const grown = [3, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6].map((calls) => minute.growth({ calls }).calls);
    expect(grown).toEqual([0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 1]);
  });
});
