import { closesAfterEach } from './support/ends.ts';
import { get, post } from './support/exchange.ts';
import { startGatewayHere } from './support/gateway.ts';
import { DEPTHS, LARGEST_COMPILED, MEGABYTES, THOUSAND_TOOLS, toolOf, TWENTY_THOUSAND_TOOLS } from './support/schemas/hard-schemas.ts';
import { allListed } from './support/listed.ts';
import { drill } from './support/long-drills.ts';
import { LongestTurn } from './support/process/longest-turn.ts';
import { startRecordingUpstream } from './support/recording-upstream.ts';

/** Ten times the 50 ms that a turn may take, for a machine that is busy and an engine that is cold. */
const ALLOWED_MS = 500;
/** As many as a server may list, or enough for a turn that is long where they are taken in one: `npm run bench:turns` tells of all. */
const MANY_TOOLS = drill(TWENTY_THOUSAND_TOOLS.slice(0, 8_000), TWENTY_THOUSAND_TOOLS);
const closing = closesAfterEach();

/** The longest turn while a gateway lists these tools, publishes them, and each of `called` is called twice. */
async function longestTurn(tools: readonly string[], called: readonly string[]): Promise<number> {
  const upstream = closing(await startRecordingUpstream('stdio', 'default', `[${tools.join(',')}]`));
  const gateway = closing(await startGatewayHere({}, [upstream.settings]));
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
    const called = Array.from({ length: 100 }, (_, n) => `tool_${n}`);
    expect(await longestTurn(THOUSAND_TOOLS, called)).toBeLessThan(ALLOWED_MS);
  });

  it(`for ${MANY_TOOLS.length} tools`, async () => {
    expect(await longestTurn(MANY_TOOLS, ['tool_0', 'tool_7000'])).toBeLessThan(ALLOWED_MS);
  });

  it.each(DEPTHS)('for ten thousand %s in each other', async (_, schema) => {
    expect(await longestTurn([toolOf('work', schema)], ['work'])).toBeLessThan(ALLOWED_MS);
  });

  it('for the largest schema that is compiled', async () => {
    expect(await longestTurn([toolOf('work', LARGEST_COMPILED)], ['work'])).toBeLessThan(ALLOWED_MS);
  });
});
