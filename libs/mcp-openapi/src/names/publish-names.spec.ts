import fc from 'fast-check';
import { mayBelong } from './may-belong.js';
import { identitiesOf, type NamedTool, publishNames, serverOfName } from './publish-names.js';

const LEGAL = /^[a-zA-Z0-9_-]{1,64}$/;
const bare = (...names: string[]) =>
  publishNames(
    names.map((name) => ({ server: 'planner', name })),
    { style: 'bare' },
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
        { style: 'prefixed' },
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
    expect(publishNames([{ server: 's'.repeat(60), name: 'run_command' }], { style: 'bare' })).toEqual(['mcp_run_command']);
    expect(publishNames([{ server: 'ask', name: 'user' }], { style: 'prefixed' })).toEqual(['mcp_ask_user']);
  });

  describe('[AC7] of two servers whose names begin alike', () => {
    const tools = [
      { server: 'a', name: 'b_c' },
      { server: 'a_b', name: 'c' },
      { server: 'z', name: 'c' },
    ];

    it('leaves a name to the server with the longer one, whichever comes first', () => {
      const [first, second, third] = publishNames(tools, { style: 'prefixed' });
      expect(first).toMatch(/^a_b_c_[0-9a-z]{8}$/);
      expect([second, third]).toEqual(['a_b_c', 'z_c']);
      expect(publishNames([...tools].reverse(), { style: 'prefixed' })).toEqual([third, second, first]);
    });

    it('does so also while that server has no tools', () => {
      const servers = ['a', 'a_b', 'z'];
      const [alone] = publishNames(tools.slice(0, 1), { style: 'prefixed', servers });
      expect(alone).toBe(publishNames(tools, { style: 'prefixed' })[0]);
      expect(publishNames(tools.slice(0, 1), { style: 'prefixed', servers: ['a'] })).toEqual(['a_b_c']);
    });

    it('takes no name from a tool that holds it', () => {
      const held = new Map([['a\0b_c', 'a_b_c']]);
      const [first, second] = publishNames(tools, { style: 'prefixed', held });
      expect(first).toBe('a_b_c');
      expect(second).toMatch(/^a_b_c_[0-9a-z]{8}$/);
    });
  });

  it('[AC7] knows the server that a name of a merged document belongs to', () => {
    expect(serverOfName('a_b_c', ['a', 'a_b', 'a_b_c', 'b'])).toBe('a_b');
    expect(serverOfName('a_bc', ['a', 'a_b'])).toBe('a');
    expect(serverOfName('ab_c', ['a'])).toBeUndefined();
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

  it('[AC7] knows which names may be those of a server', () => {
    const mayBe = (name: string) => ['files', 'my files', '任务'].filter((server) => mayBelong(name, server));
    expect(mayBe('files_read')).toEqual(['files', '任务']);
    expect(mayBe('my files_read')).toEqual(['my files', '任务']);
    expect(mayBe(publishNames([{ server: 'my files', name: 'read' }], { style: 'prefixed' })[0] as string)).toContain('my files');
    expect(mayBe(publishNames([{ server: '任务', name: 'read' }], { style: 'prefixed' })[0] as string)).toEqual(['任务']);
  });

  const tool = fc.record({
    server: fc.constantFrom('a', 'a_b', 'a_b_c', 'planner'),
    name: fc.oneof(fc.string(), fc.constantFrom('b_c', 'c', 'b_c_d', 'ask_user', 'a b')),
  });
  const anyTools = fc.uniqueArray(tool, { selector: ({ server, name }) => `${server}\0${name}`, maxLength: 12 });
  const style = fc.constantFrom('bare' as const, 'prefixed' as const);

  it('[AC7] is unique and legal for any tools, and independent of their order', () => {
    fc.assert(
      fc.property(anyTools, style, (list, style) => {
        const own = style === 'bare' ? ofOneServer(list) : list;
        const published = publishNames(own, { style });
        expect(new Set(published).size).toBe(own.length);
        for (const name of published) expect(name).toMatch(LEGAL);
        expect(publishNames([...own].reverse(), { style }).reverse()).toEqual(published);
      }),
      { numRuns: 300 },
    );
  });

  it('[AC7] gives each server the names that it would have if the others had no tools', () => {
    const servers = ['a', 'a_b', 'a_b_c', 'planner'];
    fc.assert(
      fc.property(anyTools, (list) => {
        const published = publishNames(list, { style: 'prefixed', servers });
        for (const server of servers) {
          const own = list.filter((each) => each.server === server);
          expect(publishNames(own, { style: 'prefixed', servers })).toEqual(published.filter((_, at) => list[at]?.server === server));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('[AC7] changes no name that is held, whatever servers and tools come and go', () => {
    fc.assert(
      fc.property(fc.array(anyTools, { maxLength: 5 }), style, (lists, style) => {
        const held = new Map<string, string>();
        for (const list of lists) {
          const published = publishNames(list, { style, held });
          identitiesOf(list).forEach((identity, at) => {
            expect(published[at]).toBe(held.get(identity) ?? published[at]);
            held.set(identity, published[at] as string);
          });
          expect(new Set(held.values()).size).toBe(held.size);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function ofOneServer(tools: readonly NamedTool[]): NamedTool[] {
  const names = [...new Set(tools.map(({ name }) => name))];
  return names.map((name) => ({ server: 'a', name }));
}
