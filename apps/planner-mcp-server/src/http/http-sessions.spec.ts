import { EventEmitter } from 'node:events';
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { ServerResponse } from 'node:http';
import { HttpSessions } from './http-sessions.js';

describe('HttpSessions', () => {
  // Stands in for the SDK's transport: only its end matters here.
  const transportOf = (id: string, sessions: () => HttpSessions) =>
    ({ close: async () => sessions().delete(id) }) as unknown as StreamableHTTPServerTransport;

  const start = (maxSessions: number, idleMs: number) => {
    const clock = { now: 0 };
    const sessions: HttpSessions = new HttpSessions(maxSessions, idleMs, () => clock.now);
    const add = (id: string) =>
      sessions.add(
        id,
        transportOf(id, () => sessions),
      );
    const known = (...ids: string[]) => ids.filter((id) => sessions.get(id) !== undefined);
    return { clock, sessions, add, known };
  };
  const openResponse = () => new EventEmitter() as unknown as ServerResponse;

  it('gives the place of the longest idle session to the next', async () => {
    const { clock, sessions, add, known } = start(2, 1000);
    await add('a');
    clock.now = 1;
    const b = await add('b');
    clock.now = 2;
    const response = openResponse();
    sessions.get('a')?.track(response);
    clock.now = 3;
    response.emit('close');
    expect(b.lastUsedAt).toBe(1);
    await add('c');
    expect(known('a', 'b', 'c')).toEqual(['a', 'c']);
  });

  it('has no room when none is idle', async () => {
    const { sessions, add } = start(1, 1000);
    const session = await add('a');
    expect(sessions.hasRoom()).toBe(true);
    const response = openResponse();
    session.track(response);
    expect(sessions.hasRoom()).toBe(false);
    response.emit('close');
    expect(sessions.hasRoom()).toBe(true);
  });

  it('closes what is idle for long, and nothing that has a response open', async () => {
    const { clock, sessions, add, known } = start(3, 1000);
    await add('idle');
    (await add('busy')).track(openResponse());
    clock.now = 500;
    await add('young');
    clock.now = 1000;
    await sessions.closeIdle();
    expect(known('idle', 'busy', 'young')).toEqual(['busy', 'young']);
    await sessions.closeAll();
    expect(known('busy', 'young')).toEqual([]);
  });

  describe('by the clock of the machine', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('closes what is idle for long though the time of day is set back', async () => {
      const sessions: HttpSessions = new HttpSessions(2, 1_000);
      await sessions.add(
        'a',
        transportOf('a', () => sessions),
      );
      jest.setSystemTime(Date.now() - 3_600_000);
      jest.advanceTimersByTime(1_000);
      await sessions.closeIdle();
      expect(sessions.get('a')).toBeUndefined();
    });
  });
});
