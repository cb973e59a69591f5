import { Turns } from './turns.js';

describe('Turns', () => {
  it('[P2] gives each that asks a turn of its own', async () => {
    const turns = new Turns();
    let turn = 0;
    const next = () => setImmediate(() => ((turn += 1), turn < 20 && next()));
    next();
    const given = await Promise.all(Array.from({ length: 5 }, () => turns.next().then(() => turn)));
    expect(new Set(given).size).toBe(5);
  });
});
