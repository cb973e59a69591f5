import { closesAfterEach } from './support/ends.ts';
import { get, post } from './support/exchange.ts';
import { startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { LongestTurn } from './support/longest-turn.ts';
import { startRecordingUpstream } from './support/recording-upstream.ts';

/** Ten times the 50 ms that a turn may take, for a machine that is busy and an engine that is cold. */
const ALLOWED_MS = 500;
const closing = closesAfterEach();

const times = (count: number, write: (n: number) => string, separator = ',') =>
  Array.from({ length: count }, (_, n) => write(n)).join(separator);
const object = (properties: string) => `{"type":"object","properties":{${properties}}}`;
const nested = (open: string, close: string) => `${open.repeat(10_000)}{"type":"string"}${close.repeat(10_000)}`;
const toolOf = (name: string, schema: string) => `{"name":"${name}","description":"Tool ${name}.","inputSchema":${schema}}`;

const MEGABYTES: readonly (readonly [string, string])[] = [
  ['properties', object(times(12_000, (n) => `"property_${n}":{"type":"string","description":"Property ${n}, which does something."}`))],
  [
    'unions',
    object(
      times(
        6_000,
        (n) =>
          `"p${n}":{"anyOf":[{"enum":["a","b${n}"]},{"type":"integer","minimum":${n}},{"type":"null"}],"description":"Union ${n}, which ${'x'.repeat(50)}"}`,
      ),
    ),
  ],
  [
    'references',
    `{"type":"object","properties":{${times(4_000, (n) => `"p${n}":{"$ref":"#/$defs/d${n}"}`)}},"$defs":{${times(4_000, (n) => `"d${n}":{"type":"object","properties":{"a":{"$ref":"#/$defs/d${(n * 7 + 1) % 4_000}"},"b":{"type":"array","items":{"$ref":"#/$defs/d${(n * 3 + 2) % 4_000}"}}},"description":"Definition ${n} of many, in words."}`)}}}`,
  ],
  [
    'variants',
    `{"oneOf":[${times(90, (n) => object(times(160, (k) => `"k${n}_${k}":{"type":"string","description":"The property ${k} of the variant ${n}."}`)))}]}`,
  ],
  ['required names', `{"type":"object","required":[${times(100_000, (n) => `"r${n}"`)}]}`],
  ['values', object(`"a":{"type":"string","enum":[${times(80_000, (n) => `"value-${n}"`)}]}`)],
  ['a pattern', object(`"a":{"type":"string","pattern":"^(${times(150_000, (n) => `w${n}`, '|')})$"}`)],
  ['a description', object(`"a":{"type":"string","description":"${'word '.repeat(200_000)}"}`)],
];

/** The longest turn while a gateway lists these tools, publishes them, and each of `called` is called twice. */
async function longestTurn(tools: readonly string[], called: readonly string[]): Promise<number> {
  const upstream = closing(await startRecordingUpstream('stdio', 'default', `[${tools.join(',')}]`));
  const gateway = closing(await startGatewayHere({ RATE_LIMIT_CLIENT: '1000000', RATE_LIMIT_SYSTEM: '1000000' }, [upstream.settings]));
  const turn = new LongestTurn();
  await allListed(gateway.url);
  const document = await get(gateway.url, '/openapi.json');
  const lists = await Promise.all(['/v1/openapi.json', '/v1/tools?format=mcp'].map((path) => get(gateway.url, path)));
  const answers = await Promise.all(
    called.flatMap((name) => ['{}', '{"a":1,"b":{"c":[]}}'].map((body) => post(gateway.url, `/v1/tools/${name}`, body))),
  );
  const longest = turn.stop();
  expect([document, ...lists].map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(Object.keys((JSON.parse(document.text) as { paths: object }).paths)).toHaveLength(tools.length);
  expect(answers.filter(({ status }) => status !== 200 && status !== 400)).toEqual([]);
  return longest;
}

describe('[S4][P2] no turn of the event loop is long', () => {
  it.each(MEGABYTES)('for a schema of a megabyte of %s', async (_, schema) => {
    expect(schema.length).toBeGreaterThan(750_000);
    expect(await longestTurn([toolOf('work', schema)], ['work'])).toBeLessThan(ALLOWED_MS);
  });

  it('for a thousand tools, the first call of a hundred of them at once', async () => {
    const property = (n: number) => `"a${n || ''}":{"type":["integer","null"],"minimum":${n},"description":"Property ${n} of a tool."}`;
    const names = Array.from({ length: 1_000 }, (_, n) => `tool_${n}`);
    const tools = names.map((name) => toolOf(name, `{"type":"object","properties":{${times(15, property)}},"additionalProperties":false}`));
    expect(await longestTurn(tools, names.slice(0, 100))).toBeLessThan(ALLOWED_MS);
  });

  it.each([
    ['objects', nested('{"type":"object","properties":{"a":', '}}')],
    ['lists', object(`"a":${nested('{"type":"array","items":', '}')}`)],
    ['unions', object(`"a":${nested('{"anyOf":[{"type":"integer"},', ']}')}`)],
    ['conjunctions', object(`"a":${nested('{"allOf":[', ']}')}`)],
  ])('for ten thousand %s in each other', async (_, schema) => {
    expect(await longestTurn([toolOf('work', schema)], ['work'])).toBeLessThan(ALLOWED_MS);
  });

  it('for the largest schema that is compiled', async () => {
    const schema = object(times(195, (n) => `"a${n || ''}":{"type":"string"}`));
    expect(await longestTurn([toolOf('work', schema)], ['work'])).toBeLessThan(ALLOWED_MS);
  });
});
