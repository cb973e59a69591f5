import { perTool } from './per-tool.js';

describe('perTool', () => {
  it('makes one for each object, once', () => {
    let made = 0;
    const numberOf = perTool<object, number>(() => made++);
    const [one, other] = [{}, {}];
    expect([one, other, one, other, {}].map(numberOf)).toEqual([0, 1, 0, 1, 2]);
  });

  it('keeps nothing of a failure', () => {
    let tries = 0;
    const oddOnes = perTool<object, string>(() => {
      if (++tries === 1) throw new Error('not now');
      return 'made';
    });
    const tool = {};
    expect(() => oddOnes(tool)).toThrow('not now');
    expect([oddOnes(tool), oddOnes(tool), tries]).toEqual(['made', 'made', 2]);
  });
});
