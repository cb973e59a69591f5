import { ToolCalls, toMessageCall } from './tool-calls.js';

type Piece = Record<string, unknown>;

/** The calls that come of deltas, one of each list. */
function callsOf(...deltas: readonly Piece[][]) {
  const calls = new ToolCalls();
  for (const delta of deltas) calls.add(delta);
  return calls.take().map(({ id, name, args }) => [id, name, args]);
}

const piece = (index: unknown, id: unknown, name: unknown, args: unknown): Piece => ({ index, id, function: { name, arguments: args } });

describe('[EP1] calls that a model asks for', () => {
  it.each<[string, Piece[][]]>([
    [
      'in pieces, as OpenAI has them',
      [
        [piece(0, 'a', 'one', '')],
        [piece(0, undefined, undefined, '{"x"')],
        [piece(0, undefined, undefined, ':1}')],
        [piece(1, 'b', 'two', '{}')],
      ],
    ],
    [
      'in pieces of both in turn',
      [[piece(0, 'a', 'one', '{"x"')], [piece(1, 'b', 'two', '{')], [piece(0, null, null, ':1}')], [piece(1, null, null, '}')]],
    ],
    ['whole, in one delta', [[piece(0, 'a', 'one', '{"x":1}'), piece(1, 'b', 'two', '{}')]]],
    ['whole, all under the same index', [[piece(0, 'a', 'one', '{"x":1}')], [piece(0, 'b', 'two', '{}')]]],
    [
      'without an index',
      [[piece(undefined, 'a', 'one', '{"x"')], [piece(undefined, 'a', undefined, ':1}')], [piece(undefined, 'b', 'two', '{}')]],
    ],
    ['with id and name in each piece', [[piece(0, 'a', 'one', '{"x"')], [piece(0, 'a', 'one', ':1}')], [piece(1, 'b', 'two', '{}')]]],
    ['with another id in each piece', [[piece(0, 'a', 'one', '{"x"')], [piece(0, 'z', '', ':1}')], [piece(1, 'b', 'two', '{}')]]],
    ['with a name in pieces', [[piece(0, 'a', 'o', '')], [piece(0, undefined, 'ne', '{"x":1}')], [piece(1, 'b', 'two', '{}')]]],
    ['with arguments that are objects', [[piece(0, 'a', 'one', { x: 1 })], [piece(1, 'b', 'two', {})]]],
  ])('come %s', (_, deltas) => {
    expect(callsOf(...deltas)).toEqual([
      ['a', 'one', '{"x":1}'],
      ['b', 'two', '{}'],
    ]);
  });

  it('have an id each, also where the server gives none or the same one twice', () => {
    const made = expect.stringMatching(/^call_[\da-f]{32}$/) as unknown;
    expect(
      callsOf([piece(0, '', 'one', ''), piece(1, undefined, 'two', null), piece(2, 'a', 'three', '{}'), piece(3, 'a', 'four', '{}')]),
    ).toEqual([
      [made, 'one', ''],
      [made, 'two', ''],
      ['a', 'three', '{}'],
      [made, 'four', '{}'],
    ]);
    expect(callsOf([piece(undefined, undefined, 'one', '{}'), piece(undefined, undefined, 'two', '{}')])).toEqual([
      [made, 'one', '{}'],
      [made, 'two', '{}'],
    ]);
  });

  it('keep what else they hold, which some servers want back', () => {
    const calls = new ToolCalls();
    calls.add([{ ...piece(0, 'a', 'one', '{}'), type: 'function', extra_content: { signature: 's' } }]);
    expect(calls.take().map(toMessageCall)).toEqual([
      { id: 'a', type: 'function', function: { name: 'one', arguments: '{}' }, extra_content: { signature: 's' } },
    ]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'one'],
    ['a list of others', [1, null, 'x', []]],
  ])('are none in %s', (_, pieces) => {
    const calls = new ToolCalls();
    calls.add(pieces);
    expect(calls.take()).toEqual([]);
  });
});
