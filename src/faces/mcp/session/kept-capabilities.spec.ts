import { keptCapabilities } from './kept-capabilities.js';

const LONG = 'x'.repeat(4_000);

describe('[P5] keptCapabilities', () => {
  it('are those that a client declares', () => {
    const declared = { elicitation: { form: { applyDefaults: true } }, extensions: { 'io.example/x': { a: [1] } } };
    expect(keptCapabilities(declared)).toEqual(declared);
    for (const none of [undefined, null, 5, 'text', []]) expect(keptCapabilities(none)).toEqual({});
  });

  it('are of very long ones what it can be asked', () => {
    expect(
      keptCapabilities({
        experimental: { LONG },
        elicitation: { form: { LONG }, url: {}, LONG },
        sampling: { tools: 5, LONG },
        roots: { LONG },
      }),
    ).toEqual({ elicitation: { form: {}, url: {} }, sampling: {}, roots: {} });
    expect(keptCapabilities({ LONG, elicitation: LONG })).toEqual({});
  });
});
