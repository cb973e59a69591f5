import { OperationIdGiver } from './operation-ids.js';

describe('[AC7] the ids of operations', () => {
  const idsOf = (names: readonly string[], style: 'tool' | 'mcpo' | undefined) => {
    const ids = new OperationIdGiver();
    return names.map((publishedName) => ids.next({ publishedName, server: 's', tool: { name: 'x' } as never }, style));
  };

  it('are names of tools unless mcpo’s are asked for', () => {
    expect([...idsOf(['a-b'], 'tool'), ...idsOf(['a-b'], undefined)]).toEqual(['a-b', 'a-b']);
  });

  it('are mcpo’s, each once and short enough for a model provider', () => {
    const long = 'x'.repeat(55);
    expect(idsOf(['a-b', 'a_b', 'get', long], 'mcpo')).toEqual(['tool_a_b_post', 'a_b', 'tool_get_post', long]);
    const [inner, outer] = ['y'.repeat(54), `tool_${'y'.repeat(54)}_post`];
    expect(idsOf([outer, inner], 'mcpo')).toEqual([outer, inner]);
  });
});
