import { setTimeout as sleep } from 'node:timers/promises';
import { drill } from './long-drills.js';

let aheadMs = 0;

/**
 * Has so much time gone by for what asks `performance.now` in this process, by which the gateway measures its pauses; timers stay as they
 * are. In the long form of a drill the time passes indeed. The clock is right again when mocks are restored.
 */
export async function later(ms: number): Promise<void> {
  await drill(putAhead, sleep)(ms);
}

async function putAhead(ms: number): Promise<void> {
  const now = Performance.prototype.now.bind(performance);
  aheadMs += ms;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
}
