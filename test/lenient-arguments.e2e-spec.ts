import { type ConfiguredServer, startConfigured } from './support/configured-server.ts';
import { post } from './support/exchange.ts';

/** A tool `work` with one argument `a` of this schema. */
const toolWith = (schema: object, more: object = {}) => ({
  name: 'work',
  inputSchema: { ...more, type: 'object', properties: { a: schema } },
});

/** The answer to a call of `work` with this value of `a`; the server repeats its arguments. */
async function sent(schema: object, value: unknown, entry: Readonly<Record<string, unknown>> = {}, more: object = {}) {
  const started: ConfiguredServer = await startConfigured({ tools: [toolWith(schema, more)], entry });
  try {
    const { status, text } = await post(started.gateway.url, '/raw/work', { a: value });
    return { status, text };
  } finally {
    await started.close();
  }
}

const taken = (value: unknown) => ({ status: 200, text: JSON.stringify({ a: value }) });
const DRAFT_04 = { $schema: 'http://json-schema.org/draft-04/schema#' };

describe('a format', () => {
  it.each([
    ['date-time', '2025-10-15T09:30:00'],
    ['date-time', 'next Friday'],
    ['time', '09:30'],
    ['uri', 'https://de.wikipedia.org/wiki/Zürich'],
    ['email', 'zoë@example.com'],
    ['hostname', 'münchen.example'],
    ['uuid', 'a8098c1af86e11dabd1a00112444be1e'],
    ['duration', '1 day'],
    ['ipv4', 'localhost'],
    ['regex', '(?P<year>\\d+)\\Z'],
  ])('[S4] %s is an annotation and lets %j pass', async (format, value) => {
    expect(await sent({ type: 'string', format }, value)).toEqual(taken(value));
  });

  it('[S4] is an annotation in older drafts as well, and for numbers', async () => {
    expect(await sent({ type: 'string', format: 'date' }, '15.10.2025', {}, DRAFT_04)).toEqual(taken('15.10.2025'));
    expect(await sent({ type: 'number', format: 'int32' }, 2 ** 40)).toEqual(taken(2 ** 40));
  });

  it.each([
    ['date-time', '2025-10-15T09:30:00'],
    ['date-time', '2025-10-15T09:30Z'],
    ['time', '09:30'],
    ['time', '09:30:15'],
    ['uri', 'https://de.wikipedia.org/wiki/Zürich'],
    ['uri', 'https://münchen.example/straße?q=ü#ä'],
    ['uri-reference', '/wiki/Zürich'],
    ['email', 'zoë@exämple.com'],
    ['hostname', 'münchen.example'],
    ['uuid', 'a8098c1af86e11dabd1a00112444be1e'],
    ['duration', 'PT1.5S'],
    ['email', 'root@localhost'],
    ['url', 'http://localhost:3000/x'],
    ['regex', '(?P<year>\\d+)\\Z'],
  ])('[S4] %s lets %j pass where a server has its formats on', async (format, value) => {
    expect(await sent({ type: 'string', format }, value, { formats: 'on' })).toEqual(taken(value));
  });

  it('[S4] date-time lets what RFC 3339 has pass where a server has its formats on', async () => {
    const value = '2025-10-15 09:30:00.5+02:00';
    expect(await sent({ type: 'string', format: 'date-time' }, value, { formats: 'on' })).toEqual(taken(value));
  });

  it.each([
    ['date-time', 'next Friday', 'must be a date and time as 2025-10-15T09:30:00Z'],
    ['date-time', '2025-13-15T09:30:00', 'must be a date and time as 2025-10-15T09:30:00Z'],
    ['date', '15.10.2025', 'must be a date as YYYY-MM-DD'],
    ['time', '25:30', 'must be a time as 09:30:00Z'],
    ['uri', 'Zürich', 'must be a URI with its scheme, as https://example.com'],
    ['uri', 'https://a b', 'must be a URI with its scheme, as https://example.com'],
    ['email', 'zoë', 'must be an email address'],
  ])('[S4] %s refuses %j where a server has its formats on', async (format, value, issue) => {
    expect(await sent({ type: 'string', format }, value, { formats: 'on' })).toEqual({
      status: 400,
      text: expect.stringContaining(`"message":"Invalid params: a: ${issue}"`),
    });
  });
});

describe('multipleOf', () => {
  it.each([
    [19.99, 0.01],
    [0.3, 0.1],
    [4.35, 0.01],
    [1.005, 0.001],
    [1e21, 0.1],
  ])('[S4] takes %d for a multiple of %d, in decimals', async (value, multipleOf) => {
    expect(await sent({ type: 'number', multipleOf }, value)).toEqual(taken(value));
    expect(await sent({ type: 'number', multipleOf }, value, {}, DRAFT_04)).toEqual(taken(value));
  });

  it.each([
    [1.1, 0.1],
    [0.000007, 1e-6],
    [12_345_678_901_234_567_890, 3],
    [-8, 4],
    [0, 0.01],
  ])('[S4] takes %d for a multiple of %d', async (value, multipleOf) => {
    expect(await sent({ type: 'number', multipleOf }, value)).toEqual(taken(value));
  });

  it.each([
    [19.995, 0.01],
    [0.35, 0.1],
    [7, 2],
    [1e-7, 1e-6],
    [-19.991, 0.01],
  ])('[S4] refuses %d, no multiple of %d', async (value, multipleOf) => {
    expect(await sent({ type: 'number', multipleOf }, value)).toEqual({
      status: 400,
      text: expect.stringContaining(`"message":"Invalid params: a: must be a multiple of ${multipleOf}"`),
    });
  });
});

describe('a list or an object that is the text of one', () => {
  it('[S4] passes as it was sent: servers in Python read it', async () => {
    expect(await sent({ type: 'array', items: { type: 'string' } }, '["a","b"]')).toEqual(taken('["a","b"]'));
    expect(await sent({ type: 'object', required: ['b'] }, ' {"b":1}')).toEqual(taken(' {"b":1}'));
    expect(await sent({ type: 'array' }, '[1]', { validation: 'types' })).toEqual(taken('[1]'));
  });

  it.each([
    [{ type: 'array', items: { type: 'string' } }, '[1]'],
    [{ type: 'array' }, '{"a":1}'],
    [{ type: 'array' }, '[1'],
    [{ type: 'integer' }, '5'],
    [{ type: 'array' }, `${'['.repeat(70)}${']'.repeat(70)}`],
  ])('[S4] is refused where what it holds does not fit %j: %s', async (schema, value) => {
    expect((await sent(schema, value)).status).toBe(400);
  });
});

describe('a pattern', () => {
  it.each([
    ['^\\d{4}\\Z', '2025'],
    ['(?P<y>\\d{4})\\Z', '2025'],
    ['^\\h+$', '\t'],
    ['^\\Aab\\e$', 'x'],
    ['^[]a]+$', 'a]'],
    ['^\\Ga', 'ba'],
    ['^a{,3}$', 'aa'],
    ['^\\x{e4}$', 'x'.repeat(0xe4)],
    ['^\\R$', '\n'],
    ['^(?<a>x)\\k<a>$', 'xx'],
  ])('[S4] %j of a dialect that cannot be run exactly is not enforced', async (pattern, value) => {
    expect(await sent({ type: 'string', pattern }, value)).toEqual(taken(value));
  });

  it.each([
    ['^\\s$', '\u00a0'],
    ['^[\\s]+$', '\u2003\ufeff'],
    ['^a\\sb$', 'a\vb'],
  ])('[S4] %j means by blanks what ECMA-262 means', async (pattern, value) => {
    expect(await sent({ type: 'string', pattern }, value)).toEqual(taken(value));
  });

  it.each([
    ['^\\d{4}$', '20'],
    ['^[\\w-.]+$', 'a b'],
    ['^\\_\\-\\@$', 'x'],
    ['^\\p{L}+$', '5'],
    ['^\\s$', 'x'],
  ])('[S4] %j of ECMA-262 is enforced', async (pattern, value) => {
    expect((await sent({ type: 'string', pattern }, value)).status).toBe(400);
  });
});
