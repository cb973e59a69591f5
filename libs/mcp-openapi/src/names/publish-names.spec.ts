import fc from 'fast-check';
import { publishNames } from './publish-names.js';

const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;
const bare = (...names: string[]) =>
  publishNames(
    names.map((name) => ({ server: 'planner', name })),
    'bare',
  );

describe('publishNames', () => {
  it('[AC7] leaves a legal name as it is, case twins too', () => {
    const names = ['create_task', 'Create_task', 'x', '__proto__', 'constructor', 'a'.repeat(64), 'toString'];
    expect(bare(...names)).toEqual(names);
  });

  it('[AC7] puts the server before the name where several servers share a document', () => {
    expect(
      publishNames(
        [
          { server: 'planner', name: 'create' },
          { server: 'memory', name: 'create' },
        ],
        'prefixed',
      ),
    ).toEqual(['planner_create', 'memory_create']);
  });

  it.each(['Aufgabe anlegen', '任务', 'a/b', 'x{y}', '%2e%2e%2f', 'a'.repeat(200), ' ', '👩‍👧', 'tab\there', 'lone\uD800'])(
    '[AC7] makes %j legal, the same each time',
    (name) => {
      const [published] = bare(name);
      expect(published).toMatch(LEGAL);
      expect(published).toMatch(/_[0-9a-z]{8}$/);
      expect(bare('other', name)).toEqual(['other', published]);
    },
  );

  it('[AC7] tells apart what becomes alike', () => {
    const published = bare('a b', 'a/b', 'a.b', `${'x'.repeat(80)}1`, `${'x'.repeat(80)}2`, '任务', '列表');
    expect(new Set(published).size).toBe(7);
  });

  it('[AC7] gives names that Open WebUI reserves the server in front, else mcp', () => {
    expect(bare('ask_user')).toEqual(['planner_ask_user']);
    expect(bare('ask_user', 'planner_ask_user')).toEqual(['mcp_ask_user', 'planner_ask_user']);
    expect(publishNames([{ server: 's'.repeat(60), name: 'run_command' }], 'bare')).toEqual(['mcp_run_command']);
    expect(publishNames([{ server: 'ask', name: 'user' }], 'prefixed')).toEqual(['mcp_ask_user']);
  });

  it('[AC7] gives two tools of two servers that collide both another name, and nobody else', () => {
    const tools = [
      { server: 'a', name: 'b_c' },
      { server: 'a_b', name: 'c' },
      { server: 'z', name: 'c' },
    ];
    const [first, second, third] = publishNames(tools, 'prefixed');
    expect(first).toMatch(/^a_b_c_[0-9a-z]{8}$/);
    expect(second).toMatch(/^a_b_c_[0-9a-z]{8}$/);
    expect(first).not.toBe(second);
    expect(third).toBe('z_c');
    expect(publishNames([...tools].reverse(), 'prefixed')).toEqual([third, second, first]);
    expect(publishNames(tools.slice(0, 1), 'prefixed')).toEqual(['a_b_c']);
  });

  it('[AC7] lets a real name keep what another name would have become', () => {
    const [hashed] = bare('a b') as [string];
    const published = bare('a b', hashed);
    expect(published[1]).toBe(hashed);
    expect(published[0]).not.toBe(hashed);
    expect(published[0]).toMatch(LEGAL);
  });

  it('[AC7] gives even the same tool twice two names', () => {
    const published = bare('twin', 'twin', 'twin');
    expect(published[0]).toBe('twin');
    expect(new Set(published).size).toBe(3);
  });

  it('[AC7] is unique and legal for any tools, and independent of their order', () => {
    const tool = fc.record({
      server: fc.constantFrom('a', 'a_b', 'planner'),
      name: fc.oneof(fc.string(), fc.constantFrom('b_c', 'c', 'ask_user', 'a b')),
    });
    const tools = fc.uniqueArray(tool, { selector: ({ server, name }) => `${server}\0${name}`, maxLength: 12 });
    fc.assert(
      fc.property(tools, fc.constantFrom('bare' as const, 'prefixed' as const), (list, style) => {
        const own =
          style === 'bare'
            ? list
                .map((each) => ({ ...each, server: 'a' }))
                .filter((each, at, all) => all.findIndex((other) => other.name === each.name) === at)
            : list;
        const published = publishNames(own, style);
        expect(new Set(published).size).toBe(own.length);
        for (const name of published) expect(name).toMatch(LEGAL);
        expect(publishNames([...own].reverse(), style).reverse()).toEqual(published);
      }),
      { numRuns: 300 },
    );
  });
});
