import { PingInFlight } from './ping-in-flight.js';

describe('a ping on a way that carries everything', () => {
  const start = () => {
    const ping = new PingInFlight();
    const sent: string[] = [];
    const ask = (ms: number) =>
      ping
        .run(async (id) => void sent.push(id), AbortSignal.timeout(ms))
        .then(
          () => 'answered',
          () => 'late',
        );
    return { ping, sent, ask };
  };

  it('[P4] is sent once, however often it is asked while no answer comes, and a late answer is the next ones', async () => {
    const { ping, sent, ask } = start();
    expect([await ask(10), await ask(10), await ask(10)]).toEqual(['late', 'late', 'late']);
    expect(sent).toHaveLength(1);
    expect([ping.receive('another'), ping.receive(undefined), ping.receive(sent[0])]).toEqual([false, false, true]);
    expect(await ask(1_000)).toBe('answered');
    expect(sent).toHaveLength(1);
    expect(await ask(10)).toBe('late');
    expect(sent).toHaveLength(2);
  });

  it('[P4] is sent anew after a minute: it may have been lost', async () => {
    const { sent, ask } = start();
    await ask(10);
    const later = performance.now() + 61_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
    await ask(10);
    clock.mockRestore();
    expect(sent).toHaveLength(2);
  });

  it('[P4] that cannot be sent is none', async () => {
    const { ping, sent, ask } = start();
    const failing = ping.run(() => Promise.reject(new Error('full')), AbortSignal.timeout(1_000));
    await expect(failing).rejects.toThrow('full');
    await ask(10);
    expect(sent).toHaveLength(1);
  });
});
