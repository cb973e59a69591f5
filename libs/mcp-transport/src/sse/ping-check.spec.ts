import { setTimeout as sleep } from 'node:timers/promises';
import { PingCheck } from './ping-check.js';

const WAIT_MS = 20;

describe('the check of a stream by ping', () => {
  const start = (isTaken: boolean | Promise<boolean> = true, callEnds: readonly Promise<unknown>[] = []) => {
    const told: string[] = [];
    const ping = async () => {
      told.push('ping');
      return isTaken;
    };
    return { told, check: new PingCheck({ ping, callEnds: () => callEnds, onDead: () => told.push('dead') }, WAIT_MS) };
  };
  const ending = () => {
    let end!: () => void;
    return { ended: new Promise<void>((resolve) => (end = resolve)), end: () => end() };
  };

  it('calls it dead when nothing comes', async () => {
    const { told, check } = start();
    check.heard();
    await check.run();
    expect(told).toEqual(['ping', 'dead']);
  });

  it('does not when anything comes, and asks anew the next time', async () => {
    const { told, check } = start();
    const run = check.run();
    check.heard();
    await run;
    expect(told).toEqual(['ping']);
    await check.run();
    expect(told).toEqual(['ping', 'ping', 'dead']);
  });

  it('does not when the server does not take the ping: it may be busy', async () => {
    const { told, check } = start(false);
    await check.run();
    expect(told).toEqual(['ping']);
  });

  it('sends one ping for many calls that time out', async () => {
    const { told, check } = start();
    await Promise.all([check.run(), check.run(), check.run()]);
    expect(told).toEqual(['ping', 'dead']);
  });

  it('waits for a server that takes the ping late, and for the calls beside it: a busy one answers late', async () => {
    const taken = ending();
    const call = ending();
    const { told, check } = start(
      taken.ended.then(() => true),
      [call.ended],
    );
    const run = check.run();
    await sleep(5 * WAIT_MS);
    taken.end();
    await sleep(5 * WAIT_MS);
    expect(told).toEqual(['ping']);
    check.heard();
    call.end();
    await run;
    expect(told).toEqual(['ping']);
  });
});
