import { MemoryBackend } from './memory-backend.js';

describe('MemoryBackend', () => {
  afterEach(() => jest.restoreAllMocks());

  it('[AC8] keeps nothing for longer than it is to, and not for less, when the clock of the machine is set', async () => {
    const backend = new MemoryBackend();
    await backend.set('a', 'x', 60_000);
    const [wall, steady] = [Date.now(), performance.now()];
    const clock = jest.spyOn(Date, 'now').mockReturnValue(wall + 3_600_000);
    expect(await backend.get('a')).toBe('x');
    clock.mockReturnValue(wall - 3_600_000);
    jest.spyOn(performance, 'now').mockReturnValue(steady + 61_000);
    expect(await backend.get('a')).toBeUndefined();
  });
});
