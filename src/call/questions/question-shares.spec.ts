import { AskingCall, QuestionShares } from './question-shares.js';

const fill = (shares: QuestionShares, calls: readonly AskingCall[]) => calls.map((call) => shares.enter(call, 10));
const callsOf = (client: string, number: number, server = 'docs') =>
  Array.from({ length: number }, () => new AskingCall(client, server, 100));

describe('[P5] QuestionShares', () => {
  it('has room for a call of the same client when another of its calls waits no more', () => {
    const shares = new QuestionShares(100);
    const calls = callsOf('ann', 18);
    expect(fill(shares, calls)).toEqual(calls.map(() => undefined));
    const [another] = callsOf('ann', 1) as [AskingCall];
    expect(shares.enter(another, 10)).toMatch(/^18 calls of this client to the MCP server "docs"/);
    const [one] = calls as [AskingCall];
    expect(shares.enter(one, 10)).toBeUndefined();
    shares.leave(one, 10);
    expect(shares.enter(another, 10)).toMatch(/^18 calls/);
    shares.leave(one, 10);
    expect(shares.enter(another, 10)).toBeUndefined();
  });

  it('lets a client wait elsewhere, and others here', () => {
    const shares = new QuestionShares(100);
    fill(shares, callsOf('ann', 18));
    expect(fill(shares, [...callsOf('ann', 1, 'other'), new AskingCall('ann', undefined, 100), ...callsOf('bob', 18)])).toEqual(
      Array.from({ length: 20 }, () => undefined),
    );
    expect(fill(shares, callsOf('eve', 1))).toEqual([expect.stringMatching(/^36 calls to the MCP server "docs"/)]);
  });

  it('never lets those that wait at one server have more than half of the places', () => {
    const shares = new QuestionShares(10);
    expect(fill(shares, callsOf('ann', 4)).map(Boolean)).toEqual([false, false, false, true]);
    expect(fill(shares, callsOf('bob', 3)).map(Boolean)).toEqual([false, false, true]);
    expect(fill(new QuestionShares(1), callsOf('ann', 2)).map(Boolean)).toEqual([false, true]);
  });

  it('bounds questions and characters, of one client and of all', () => {
    const shares = new QuestionShares(1_000_000);
    const [one] = callsOf('ann', 1) as [AskingCall];
    for (let asked = 0; asked < 200; asked++) expect(shares.enter(one, 1)).toBeUndefined();
    expect(shares.enter(one, 1)).toMatch(/^200 questions to this client/);
    for (let asked = 0; asked < 200; asked++) shares.leave(one, 1);
    const half = 4 * 1024 * 1024 - 100;
    for (const client of ['ann', 'bob', 'eve', 'joe']) {
      const calls = callsOf(client, 3);
      expect(calls.slice(0, 2).map((call) => shares.enter(call, half))).toEqual([undefined, undefined]);
      expect(shares.enter(calls[2] as AskingCall, 0)).toMatch(/^Calls of this client that wait .* 8388608 characters/);
    }
    expect(fill(shares, callsOf('kim', 1))).toEqual([
      'The gateway has as many open questions as it may. Call again when some of them are answered.',
    ]);
  });
});
