import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TranslationSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, get, jsonAnswer, post, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { generatedTools } from './support/schemas/generated-tools.ts';
import { allListed } from './support/listed.ts';
import { problemsOfPublished } from './support/schemas/published-schema.ts';
import { type Exchange, listAsWritten, RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { publishedTools } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const NAME = 'default';

/** A gateway in front of one server that lists these tools, the text of an array, and answers its calls so. */
async function start(toolsText: string, answer?: (exchange: Exchange) => void, settings: Partial<TranslationSettings> = {}) {
  const server = closing(
    await RawMcpServer.start({ on: { 'tools/list': listAsWritten(toolsText), ...(answer && { 'tools/call': answer }) } }),
  );
  const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { name: NAME, ...settings })]));
  await allListed(gateway.url);
  return { server, gateway };
}

/** Answers with a result as it is written. */
function resultAsWritten(text: string) {
  return (exchange: Exchange) =>
    exchange.send(200, `{"jsonrpc":"2.0","id":${JSON.stringify(exchange.message.id)},"result":${text}}`, {
      'content-type': 'application/json',
    });
}

const ONE_TOOL = '[{"name":"work","inputSchema":{"type":"object"}}]';

async function resultOf(
  result: string,
  headers: Record<string, string> = {},
  settings: Partial<TranslationSettings> = {},
  tools = ONE_TOOL,
) {
  const { gateway } = await start(tools, resultAsWritten(result), settings);
  return told(await post(gateway.url, '/v1/tools/work', {}, headers));
}

interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Record<string, unknown> } } };
}

async function operationsOf(gateway: GatewayHere): Promise<Record<string, Operation>> {
  const { paths } = JSON.parse((await get(gateway.url, '/openapi.json')).text) as { paths: Record<string, { post: Operation }> };
  return Object.fromEntries(Object.entries(paths).map(([path, { post: operation }]) => [path.slice('/v1/tools/'.length), operation]));
}

describe('a result', () => {
  const image = '{"type":"image","mimeType":"image/png","data":"aGk="}';
  const audio = '{"type":"audio","mimeType":"audio/wav","data":"UklGRg==","extra":12345678901234567890}';
  const link = '{"type":"resource_link","uri":"file:///a.txt","name":"a","size":1.0}';
  const page = '{"type":"resource","resource":{"uri":"ui://x","mimeType":"text/html","text":"<h1>Hi, ü</h1>"}}';
  const blob = '{"type":"resource","resource":{"uri":"file:///a.bin","blob":"AAE="}}';

  it.each([
    ['words', '{"content":[{"type":"text","text":"Hello\\n\\"you\\""}]}', '"Hello\\n\\"you\\""'],
    [
      'text that is JSON',
      '{"content":[{"type":"text","text":"{ \\"b\\":1, \\"a\\":12345678901234567890 }"}]}',
      '{ "b":1, "a":12345678901234567890 }',
    ],
    [
      'structuredContent beside its text',
      '{"content":[{"type":"text","text":"{\\"e\\":1e400,\\"n\\":1}"}],"structuredContent":{"n": 1.0,"e":1e400}}',
      '{"n": 1.0,"e":1e400}',
    ],
    ['an image', `{"content":[${image}]}`, '"data:image/png;base64,aGk="'],
    ['audio', `{"content":[${audio}]}`, audio],
    ['a link to a resource', `{"content":[${link}]}`, link],
    ['an embedded resource', `{"content":[${blob}]}`, blob],
    ['an embedded page, not allowed inline', `{"content":[${page}]}`, page],
    ['content of a kind yet unknown', '{"content":[{"type":"hologram","data":[1.0]}]}', '{"type":"hologram","data":[1.0]}'],
    ['nothing', '{"content":[]}', '[]'],
    ['no content at all', '{"_meta":{"n":1.0}}', '{"_meta":{"n":1.0}}'],
    ['an empty text', '{"content":[{"type":"text","text":""}]}', '""'],
    [
      'an image that says it is a page',
      '{"content":[{"type":"image","mimeType":"text/html","data":"PGI+"}]}',
      '{"type":"image","mimeType":"text/html","data":"PGI+"}',
    ],
    [
      'an image whose type breaks a header',
      '{"content":[{"type":"image","mimeType":"image/png\\r\\nX-A: b","data":"aGk="}]}',
      '{"type":"image","mimeType":"image/png\\r\\nX-A: b","data":"aGk="}',
    ],
    ['broken items', '{"content":[null,7,{"type":"text"},{"type":"image"}]}', '[null,7,{"type":"text"},{"type":"image"}]'],
    [
      'everything at once',
      `{"content":[{"type":"text","text":"x"},${image},${audio},${link},${page},${blob}]}`,
      `["x","data:image/png;base64,aGk=",${audio},${link},${page},${blob}]`,
    ],
    [
      'structuredContent and an image',
      `{"content":[{"type":"text","text":"{\\"n\\":1}"},${image}],"structuredContent":{"n":1}}`,
      '[{"n":1},"data:image/png;base64,aGk="]',
    ],
  ])('[AC2] that is %s loses nothing where its server keeps binary data', async (_, result, body) => {
    expect(await resultOf(result, {}, { binary: 'keep' })).toEqual(jsonAnswer(body));
  });

  it('[AC2] that is a page is a page in the chat where its server may show some (contract 8)', async () => {
    const expected = { ...jsonAnswer('<h1>Hi, ü</h1>', 'text/html; charset=utf-8') };
    const headers = { ...expected.headers, 'content-disposition': 'inline' };
    expect(await resultOf(`{"content":[${page}]}`, {}, { inlineHtml: true })).toEqual({ ...expected, headers });
  });

  it('[AC2] that is an image is bytes for who prefers them (contract 8)', async () => {
    expect(await resultOf(`{"content":[${image}]}`, { accept: 'application/json;q=0.5, image/*' })).toEqual(jsonAnswer('hi', 'image/png'));
    expect(await resultOf(`{"content":[${image}]}`, { accept: 'image/*;q=0.4, application/json;q=0.5' })).toEqual(
      jsonAnswer('"data:image/png;base64,aGk="'),
    );
  });

  it('[AC2] that is an image whose base64 is broken is never sent as bytes', async () => {
    const broken = '{"content":[{"type":"image","mimeType":"image/png","data":"a$k!"}]}';
    expect(await resultOf(broken, { accept: 'image/*' })).toEqual(jsonAnswer('"data:image/png;base64,a$k!"'));
  });

  it('[AC2] that is a page beside other items is data, and so is one of another type', async () => {
    const beside = await resultOf(`{"content":[${page},${link}]}`, {}, { inlineHtml: true });
    expect(beside).toEqual(jsonAnswer(`[${page},${link}]`));
    const svg = page.replace('text/html', 'image/svg+xml');
    expect(await resultOf(`{"content":[${svg}]}`, {}, { inlineHtml: true })).toEqual(jsonAnswer(svg));
  });

  it('[AC2] of eight megabytes is passed whole', async () => {
    const text = 'word '.repeat(1_600_000);
    expect(await resultOf(`{"content":[{"type":"text","text":"${text}"}]}`)).toEqual(jsonAnswer(`"${text}"`));
  });

  it('[AC2] is whole for who asks for it by name, by q-values', async () => {
    const whole = `{"content":[${link}],"_meta":{"n": 1.0}}`;
    const type = 'application/vnd.mcp+json';
    expect(await resultOf(whole, { accept: `${type}, application/json;q=0.9` })).toEqual(jsonAnswer(whole, type));
    expect(await resultOf(whole, { accept: `${type};q=0.1, application/json` })).toEqual(jsonAnswer(link));
  });

  it.each([
    ['text/plain', 'text/plain; charset=utf-8', 'Hello "you"'],
    ['application/json;q=0.1, text/plain;q=0.9', 'text/plain; charset=utf-8', 'Hello "you"'],
    ['text/plain;q=0.1, application/json', 'application/json', '"Hello \\"you\\""'],
    ['text/plain;q=0', 'application/json', '"Hello \\"you\\""'],
    ['*/*', 'application/json', '"Hello \\"you\\""'],
    ['application/xml', 'application/json', '"Hello \\"you\\""'],
  ])('[AC2] that is words is told to Accept: %s as %s', async (accept, type, body) => {
    expect(await resultOf('{"content":[{"type":"text","text":"Hello \\"you\\""}]}', { accept })).toEqual(jsonAnswer(body, type));
  });

  it('[AC2][MON] that breaks the promise of its outputSchema is passed on, counted and named', async () => {
    const tools =
      '[{"name":"work","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}]';
    const { gateway } = await start(tools, resultAsWritten('{"content":[],"structuredContent":{"n":"one"}}'));
    const { headers, ...answer } = jsonAnswer('{"n":"one"}');
    expect(told(await post(gateway.url, '/v1/tools/work', {}))).toEqual({
      ...answer,
      headers: { ...headers, 'x-output-schema': 'mismatch' },
    });
    expect((await get(gateway.url, '/metrics')).text).toMatch(/^mcpo_output_schema_mismatches_total\{[^}]*tool="work"[^}]*\} 1$/m);
    expect(await resultOf('{"content":[],"structuredContent":{"n":1}}', {}, {}, tools)).toEqual(jsonAnswer('{"n":1}'));
  });

  it('[AC3] that is a refusal keeps its words, whatever they are', async () => {
    const message = 'No such plan: "x"\n\u00a0\t(é)';
    const answer = await resultOf(JSON.stringify({ content: [{ type: 'text', text: message }], isError: true }));
    expect(answer).toEqual(errorAnswer(422, { type: 'tool_error', message }));
  });
});

describe('the settings of a server', () => {
  const tools =
    '[{"name":"work","inputSchema":{"type":"object","properties":{"n":{"type":"integer","minimum":5},"s":{"type":"string"}},"required":["n"]}}]';
  const sent = async (settings: Partial<TranslationSettings>, body: string) => {
    const { server, gateway } = await start(tools, undefined, settings);
    const { status } = await post(gateway.url, '/v1/tools/work', body);
    return { status, received: server.received('tools/call').map(({ text }) => /"arguments":(.*),"_meta"/.exec(text)?.[1]) };
  };
  const taken = (text: string) => ({ status: 200, received: [text] });
  const refused = { status: 400, received: [] };

  it.each<[string, Partial<TranslationSettings>, string, object]>([
    ['validation full refuses what is out of bounds', {}, '{"n":1}', refused],
    ['validation types takes what is out of bounds', { validation: 'types' }, '{"n":1}', taken('{"n":1}')],
    ['validation types refuses a wrong type', { validation: 'types' }, '{"n":"1"}', refused],
    ['validation types refuses what lacks', { validation: 'types' }, '{}', refused],
    ['validation off takes anything', { validation: 'off' }, '{"n":"1"}', taken('{"n":"1"}')],
    ['validation off takes no list', { validation: 'off' }, '[]', refused],
    ['nulls keep refuses null where none belongs', {}, '{"n":5,"s":null}', refused],
    ['nulls drop-optional leaves it out', { nulls: 'drop-optional' }, '{"n": 5.0,"s":null}', expect.objectContaining({ status: 200 })],
    ['nulls drop-optional keeps what is required', { nulls: 'drop-optional' }, '{"n":null}', refused],
  ])('[S4][AC1] %s', async (_, settings, body, expected) => {
    expect(await sent(settings, body)).toEqual(expected);
  });

  it('[CALL] nulls drop-optional leaves everything else as it was written', async () => {
    const { received } = await sent({ nulls: 'drop-optional' }, '{"n": 5.0,"s":null,"id":12345678901234567890}');
    expect(received).toHaveLength(1);
    expect(JSON.parse(received[0] as string)).toEqual({ n: 5, id: 12345678901234567890 });
    expect(received[0]).toMatch(/"n": ?5\.0,"id":12345678901234567890/);
  });
});

describe('a schema', () => {
  it('[AC7] is parsed to be published: numbers beyond 2^53 are rounded there, while arguments keep every digit', async () => {
    const schema = '{"type":"object","properties":{"id":{"type":"integer","default":12345678901234567890,"minimum":1.0}}}';
    const { server, gateway } = await start(`[{"name":"work","inputSchema":${schema}}]`);
    expect((await get(gateway.url, '/openapi.json')).text).toMatch(/"default":12345678901234567000,.*"minimum":1\}/);
    expect((await post(gateway.url, '/v1/tools/work', '{"id":12345678901234567890}')).status).toBe(200);
    expect(server.received('tools/call')[0]?.text).toContain('"arguments":{"id":12345678901234567890}');
  });

  it('[S4] is compiled once: what cannot be enforced is told once, at the first call', async () => {
    const { gateway } = await start('[{"name":"work","inputSchema":{"properties":{"a":{"pattern":"(?=a)"}}}}]');
    const told: unknown[] = [];
    gateway.app.useLogger({ log: () => undefined, warn: (entry: unknown) => told.push(entry), error: () => undefined });
    for (let n = 0; n < 3; n += 1) expect((await post(gateway.url, '/v1/tools/work', { a: 'b' })).status).toBe(200);
    const warning = 'The pattern "(?=a)" cannot be tested in linear time and is not enforced.';
    expect(told).toEqual([{ msg: 'schema not enforced', upstream: NAME, tool: 'work', warning }]);
  });

  it('[AC7] keeps every keyword that readers may use (all that a peer loses)', async () => {
    const properties = {
      enumeration: { enum: ['low', 'high'] },
      constant: { const: 'fixed' },
      either: {
        oneOf: [
          { type: 'string', format: 'date' },
          { type: 'integer', minimum: 1 },
        ],
      },
      both: { allOf: [{ type: 'string', minLength: 2 }, { maxLength: 5 }] },
      text: { type: 'string', pattern: '^[a-z]+$', format: 'email', minLength: 1, maxLength: 9 },
      number: { type: 'number', exclusiveMinimum: 0, maximum: 10, multipleOf: 0.5 },
      list: { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' }, uniqueItems: true, minItems: 1, maxItems: 3 },
      map: { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 },
      sibling: { $ref: '#/$defs/short', description: 'Mine' },
    };
    const inputSchema = { type: 'object', properties, required: ['text'], $defs: { short: { type: 'string', maxLength: 3 } } };
    const { gateway } = await start(JSON.stringify([{ name: 'work', inputSchema }]));
    const { schema } = ((await operationsOf(gateway)).work as Operation).requestBody.content['application/json'];
    expect(schema).toEqual({
      type: 'object',
      properties: {
        enumeration: { type: 'string', enum: ['low', 'high'], description: 'One of: low, high.' },
        constant: { type: 'string', enum: ['fixed'], description: 'Always fixed.' },
        either: {
          anyOf: [
            { type: 'string', format: 'date', description: expect.stringContaining('Format: date') },
            { type: 'integer', minimum: 1, description: 'At least 1.' },
          ],
        },
        both: { type: 'string', minLength: 2, maxLength: 5, description: '2 to 5 characters.' },
        text: { ...properties.text, description: 'Format: email. 1 to 9 characters. Pattern: ^[a-z]+$' },
        number: { ...properties.number, description: 'Greater than 0. At most 10. A multiple of 0.5.' },
        list: { ...properties.list, description: '1 to 3 items.' },
        map: { ...properties.map, description: 'At least 1 key.' },
        sibling: { type: 'string', maxLength: 3, description: 'Mine. At most 3 characters.' },
      },
      required: ['text'],
    });
  });

  it('[S4][AC7] that is hostile is bounded: its tool can be called, others are served, nothing is fetched, nothing waits', async () => {
    const fetched: (string | undefined)[] = [];
    const schemas = createServer(({ url }, response) => {
      fetched.push(url);
      response.end('{}');
    });
    await new Promise<void>((resolve) => schemas.listen(0, '127.0.0.1', resolve));
    closing({ close: async () => schemas.close() });
    const remote = `http://127.0.0.1:${(schemas.address() as AddressInfo).port}/schema.json`;
    const evil = 'a'.repeat(30_000);
    const listed = [
      ...generatedTools().map(({ text }) => text),
      `{"name":"remote","inputSchema":{"$schema":"${remote}","type":"object","properties":{"a":{"$ref":"${remote}"}}}}`,
      '{"name":"backtracking","inputSchema":{"type":"object","properties":{"a":{"type":"string","pattern":"^(a+)+$"}}}}',
      '{"name":"plain","inputSchema":{"type":"object"}}',
    ];

    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const { server, gateway } = await start(`[${listed.join(',')}]`);
    const operations = await operationsOf(gateway);
    const bodies = new Map<string, string>([
      ...generatedTools().map(({ tool, valid }) => [tool.name, valid[0] as string] as const),
      ['remote', '{"a":1}'],
      ['backtracking', `{"a":"${evil}"}`],
      ['plain', '{}'],
    ]);
    for (const [name, body] of bodies)
      expect({ name, status: (await post(gateway.url, `/v1/tools/${name}`, body)).status }).toEqual({ name, status: 200 });
    const refusal = await post(gateway.url, '/v1/tools/backtracking', `{"a":"${evil}!"}`);
    delay.disable();

    expect(Object.keys(operations)).toEqual([...bodies.keys()]);
    for (const { requestBody } of Object.values(operations))
      expect(problemsOfPublished(requestBody.content['application/json'].schema)).toEqual([]);
    expect(refusal.status).toBe(400);
    expect(server.received('tools/call')).toHaveLength(bodies.size);
    expect(fetched).toEqual([]);
    expect(delay.max / 1e6).toBeLessThan(500);
  });

  it('[S4][AC7] ten thousand levels deep can be called, and takes no other tool with it', async () => {
    const deep = `${'{"type":"object","properties":{"a":'.repeat(10_000)}{"type":"string"}${'}}'.repeat(10_000)}`;
    const { gateway } = await start(`[{"name":"deep","inputSchema":${deep}},{"name":"plain","inputSchema":{"type":"object"}}]`);
    expect(await publishedTools(gateway)).toEqual(['deep', 'plain']);
    for (const name of ['deep', 'plain']) expect((await post(gateway.url, `/v1/tools/${name}`, '{"a":{}}')).status).toBe(200);
    expect((await get(gateway.url, '/v1/tools?format=mcp')).status).toBe(200);
  });
});

describe('a list of tools', () => {
  it('[AC7][AC5] with entries that are no tools loses those alone (contract 4)', async () => {
    const { gateway } = await start(
      '[null,7,"x",[],{},{"name":1,"inputSchema":{}},{"name":"","inputSchema":{}},{"name":"no_schema"},{"name":"null_schema","inputSchema":null},{"name":"work","inputSchema":{"type":"object"}}]',
    );
    expect(await publishedTools(gateway)).toEqual(['work']);
    expect((await post(gateway.url, '/v1/tools/work', {})).status).toBe(200);
  });

  it('[AC7][AC5] with two tools of one name publishes both, under two names', async () => {
    const { server, gateway } = await start(
      '[{"name":"twin","inputSchema":{"type":"object"}},{"name":"twin","inputSchema":{"type":"object","required":["b"],"properties":{"b":{}}}}]',
    );
    const [first, second, ...others] = await publishedTools(gateway);
    expect([first, others]).toEqual(['twin', []]);
    expect(second).toMatch(/^twin_[a-z0-9]+$/);
    expect((await post(gateway.url, `/v1/tools/${second}`, {})).status).toBe(400);
    expect((await post(gateway.url, `/v1/tools/${second}`, { b: 1 })).status).toBe(200);
    expect((await post(gateway.url, '/v1/tools/twin', {})).status).toBe(200);
    expect(server.received('tools/call').map(({ message }) => message.params?.name)).toEqual(['twin', 'twin']);
  });

  it('[AC7][AC5] of a server that answers nonsense leaves those of others (contract 4)', async () => {
    const broken = closing(await RawMcpServer.start({ on: { 'tools/list': (exchange) => exchange.result({ tools: 'many' }) } }));
    const failing = closing(await RawMcpServer.start({ on: { 'tools/list': (exchange) => exchange.error(-32_603, 'No') } }));
    const good = closing(await RawMcpServer.start());
    const upstreams = [broken, failing, good].map(({ url }, index) => httpUpstream(url, { name: `server${index}` }));
    const gateway = closing(await startGatewayHere({}, upstreams));
    await until('the good server is listed', async () => (await publishedTools(gateway)).includes('work'));
    expect((await post(gateway.url, '/v1/tools/work', {})).status).toBe(200);
  });

  it('[AC7][AC5] without end is given up, and the last good one stays', async () => {
    const { server, gateway } = await start(ONE_TOOL);
    const attempts: number[] = [];
    server.on['tools/list'] = (exchange) => {
      if (exchange.message.params?.cursor === undefined) attempts.push(0);
      const page = (attempts[attempts.length - 1] ?? 0) + 1;
      attempts[attempts.length - 1] = page;
      const tools = Array.from({ length: 1_000 }, (_, index) => toolOf(`tool_${page}_${index}`));
      exchange.result({ tools, nextCursor: String(page) });
    };
    server.notify('notifications/tools/list_changed');
    await until('the list is given up twice', () => attempts.length > 2);
    expect(attempts.slice(0, 2)).toEqual([21, 21]); // 20,000 tools, and one page that is too many.
    expect(await publishedTools(gateway)).toEqual(['work']);
  });
});

describe('words of a server', () => {
  const HIDDEN =
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Variation_Selector}{3}|[\u{e0000}-\u{e007f}]/u;
  const poison = (words: string) => `\u202e${words}\u0000\u001b[31m\u200b\u2066 and\u2069 \ufeff\u{e0041}\u{e0042} more\r\n\u2028end\u007f`;

  it('[S4][AC7] are published without control and bidi characters, and cut', async () => {
    const tool = {
      name: 'work',
      title: poison('Title'),
      description: `${poison('Description')} ${'x'.repeat(1_000_000)}`,
      inputSchema: {
        type: 'object',
        description: poison('Arguments'),
        properties: { a: { type: 'string', title: poison('A'), description: `${poison('Property')} ${'y'.repeat(100_000)}` } },
      },
    };
    const { gateway } = await start(JSON.stringify([tool]));
    const operation = (await operationsOf(gateway)).work as Operation;
    const words = wordsIn(operation).filter((text) => text.length > 0);
    expect(words.filter((text) => HIDDEN.test(text))).toEqual([]);
    expect(operation.summary).toBe('Title[31m and  more\nend');
    expect(operation.description).toMatch(/^Description\[31m and {2}more\nend x+…$/);
    expect(operation.description.length).toBeLessThanOrEqual(8_192);
    expect(Math.max(...words.map((text) => text.length))).toBeLessThanOrEqual(8_192);
  });

  it('[S4][AC7] that hide in names do not show', async () => {
    const { gateway, server } = await start(`[${JSON.stringify({ name: '\u202egnp.exe\u200b', inputSchema: { type: 'object' } })}]`);
    const [published] = await publishedTools(gateway);
    expect(published).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(wordsIn((await operationsOf(gateway))[published as string]).filter((text) => HIDDEN.test(text))).toEqual([]);
    await post(gateway.url, `/v1/tools/${published}`, {});
    expect(server.received('tools/call').map(({ message }) => message.params?.name)).toEqual(['\u202egnp.exe\u200b']);
  });
});

/** Every string in a value. */
function wordsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(wordsIn) : [];
}
