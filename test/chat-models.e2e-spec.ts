import { jest } from '@jest/globals';
import OpenAI from 'openai';
import { complete, openAiError, USER } from './support/chat/chat.ts';
import { closesAfterEach } from './support/ends.ts';
import { LIMIT_HEADERS } from '../src/http/limit-headers.ts';
import { type Exchange, get, ID, post, request, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { ScriptedModel } from './support/chat/scripted-model.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const ASSISTANT = { id: 'mcpo-assistant', object: 'model', created: expect.any(Number), owned_by: 'mcpo-proxy' };
const SMALL = { id: 'small', object: 'model', created: 1_700_000_000, owned_by: 'script' };

async function serve(environment: Record<string, string> = {}, models: readonly ScriptedModel[] = []): Promise<GatewayHere> {
  const server = closing(await RawMcpServer.start());
  const urls: Record<string, string> = models.length > 0 ? { OPENAI_API_BASE_URLS: models.map(({ url }) => url).join(';') } : {};
  const gateway = closing(await startGatewayHere({ ...urls, ...environment }, [httpUpstream(server.url)]));
  await allListed(gateway.url);
  return gateway;
}

const model = async () => closing(await ScriptedModel.start());
const listOf = async ({ url }: GatewayHere) => (JSON.parse((await get(url, '/v1/models')).text) as { data: { id: string }[] }).data;
const idsOf = async (gateway: GatewayHere) => (await listOf(gateway)).map(({ id }) => id);

/** An error of the chat, with the id of a request. */
const failure = (status: number, body: object, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', ...headers },
  text: JSON.stringify(body),
});

describe('[EP1] GET /v1/models', () => {
  it('lists the assistant alone where there is no provider', async () => {
    const gateway = await serve();
    const { status, text } = await get(gateway.url, '/v1/models');
    expect({ status, body: JSON.parse(text) as unknown }).toEqual({ status: 200, body: { object: 'list', data: [ASSISTANT] } });
  });

  it('lists models of providers by their own ids, with what they say of themselves, asked for with the key', async () => {
    const upstream = await model();
    upstream.models = [{ ...SMALL, name: 'Small one', extra: true }, { id: 'org/large' }, { id: '' }, { id: 'x'.repeat(257) }, 7];
    const gateway = await serve({ OPENAI_API_KEY: 'key-of-model' }, [upstream]);
    expect(await listOf(gateway)).toEqual([
      ASSISTANT,
      { ...SMALL, name: 'Small one' },
      { id: 'org/large', object: 'model', created: 0, owned_by: 'unknown' },
    ]);
    expect(upstream.listed.map(({ authorization }) => authorization)).toEqual(['Bearer key-of-model']);
  });

  it('numbers those whose id several have, which are found by their numbers, and by the id at the first', async () => {
    const [one, other] = [await model(), await model()];
    one.models = [{ id: 'same' }, { id: 'own' }, { id: 'mcpo-assistant' }];
    other.models = [{ id: 'same' }, { id: 'other' }];
    const gateway = await serve({}, [one, other]);
    expect(await idsOf(gateway)).toEqual(['mcpo-assistant', '1.same', 'own', '1.mcpo-assistant', '2.same', 'other']);
    for (const id of ['1.same', 'same', '2.same', 'other']) {
      const { status, text } = await complete(gateway.url, { model: id });
      expect({ status, model: (JSON.parse(text) as { model: string }).model }).toEqual({ status: 200, model: id });
    }
    const askedOf = ({ exchanges }: ScriptedModel) => exchanges.map(({ asked }) => asked.model);
    expect([askedOf(one), askedOf(other)]).toEqual([
      ['same', 'same'],
      ['same', 'other'],
    ]);
  });

  it('lists the others while a provider is away or says what is no list', async () => {
    const [one, bad, away] = [await model(), await model(), await model()];
    bad.listAnswer = (response) => response.writeHead(200).end('<html>');
    const gateway = await serve({}, [one, bad, away]);
    await away.stop();
    expect(await idsOf(gateway)).toEqual(['mcpo-assistant', 'small']);
    const unknown = await complete(gateway.url, { model: 'large' });
    const message = 'The models of provider 2 are not known yet: it cannot be asked.';
    expect(told(unknown)).toEqual(failure(503, openAiError(message, 'server_error', 'upstream_unavailable'), { 'retry-after': '5' }));
  });

  it('finds a model that a provider has only just got, five seconds after its list', async () => {
    const upstream = await model();
    const gateway = await serve({}, [upstream]);
    expect(await idsOf(gateway)).toEqual(['mcpo-assistant', 'small']);
    upstream.models = [{ id: 'new' }];
    expect((await complete(gateway.url, { model: 'new' })).status).toBe(404);
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 5_001);
    try {
      expect((await complete(gateway.url, { model: 'new' })).status).toBe(200);
    } finally {
      clock.mockRestore();
    }
    expect(upstream.listed).toHaveLength(2);
  });

  it.each([false, true])(
    '[S1] is for callers with a key, where keys are set, as is a completion; --strict-auth: %p',
    async (strictAuth) => {
      const server = closing(await RawMcpServer.start());
      const gateway = closing(await startGatewayHere({ API_KEYS: 'a:key-of-caller-a' }, [httpUpstream(server.url)], { strictAuth }));
      const message = 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".';
      const refused = failure(401, openAiError(message, 'invalid_request_error', 'invalid_api_key'), { 'www-authenticate': 'Bearer' });
      expect(told(await get(gateway.url, '/v1/models'))).toEqual(refused);
      expect(told(await get(gateway.url, '/v1/models', { authorization: 'Bearer key-of-nobody' }))).toEqual(refused);
      expect(told(await complete(gateway.url))).toEqual(refused);
      expect((await get(gateway.url, '/v1/models', { authorization: 'Bearer key-of-caller-a' })).status).toBe(200);
    },
  );

  it('[EP1] is read by the official client, which is told of errors by their classes', async () => {
    const upstream = await model();
    const gateway = await serve({ API_KEYS: 'a:key-of-caller-a' }, [upstream]);
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'key-of-caller-a', maxRetries: 0 });
    const listed = [];
    for await (const each of client.models.list()) listed.push(each);
    expect(listed).toEqual([ASSISTANT, SMALL]);
    const nobody = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'key-of-nobody', maxRetries: 0 });
    await expect(nobody.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const missing = client.chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'Hi' }] });
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model', type: 'invalid_request_error' });
  });
});

describe('[EP1][E5] bodies of completions', () => {
  it.each<[string, unknown, string, string | null]>([
    ['a model', { messages: USER }, '`model` must be the id of a model, as GET /v1/models lists it.', 'model'],
    ['messages', { model: 'small' }, '`messages` must be an array of one or more messages.', 'messages'],
    ['a message', { model: 'small', messages: [] }, '`messages` must be an array of one or more messages.', 'messages'],
    ['messages that are objects', { model: 'small', messages: ['Hi'] }, '`messages` must be an array of one or more messages.', 'messages'],
    ['tools in a list', { model: 'small', messages: USER, tools: {} }, '`tools` must be an array.', 'tools'],
    ['a flag for `stream`', { model: 'small', messages: USER, stream: {} }, '`stream` must be true or false.', 'stream'],
    ['an object', [], 'Send a JSON object with `model` and `messages`.', null],
    ['JSON', '{"model":', 'The body is not valid JSON: unexpected end at line 1, column 10.', null],
  ])('without %s are refused in the shape of OpenAI', async (_, body, message, param) => {
    const gateway = await serve({}, [await model()]);
    const { status, text } = await post(gateway.url, '/v1/chat/completions', body);
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    expect({ status, error }).toMatchObject({ status: 400, error: { type: 'invalid_request_error', param } });
    if (body !== '{"model":') expect(error['message']).toBe(message);
    else expect(error['message']).toMatch(/^The body is not valid JSON: .* at line 1, column \d+\.$/);
  });

  it('name a model that there is', async () => {
    const gateway = await serve({}, [await model()]);
    const message = 'The model `large` does not exist or you do not have access to it. GET /v1/models lists those that there are.';
    expect(told(await complete(gateway.url, { model: 'large' }))).toEqual(
      failure(404, openAiError(message, 'invalid_request_error', 'model_not_found', 'model')),
    );
  });

  it('[S4] may be larger than those of calls, and not larger than MAX_CHAT_BODY_BYTES', async () => {
    const upstream = await model();
    const [ample, narrow] = [await serve({}, [upstream]), await serve({ MAX_CHAT_BODY_BYTES: '2048' }, [upstream])];
    const url = `data:image/png;base64,${'A'.repeat(3 * 1024 * 1024)}`;
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
    expect((await complete(ample.url, { messages })).status).toBe(200);
    expect(upstream.exchanges[0]?.asked.messages).toEqual(messages);
    const refused = failure(413, openAiError('The body is larger than 2048 bytes.', 'invalid_request_error', 'payload_too_large'));
    expect(told(await complete(narrow.url, { messages }))).toEqual(refused);
    const text = JSON.stringify({ model: 'small', messages: USER });
    const form = await request(narrow.url, '/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: text,
    });
    expect({ status: form.status, text: form.text }).toEqual({
      status: 415,
      text: JSON.stringify(
        openAiError(
          'Send the body as JSON, with the header "Content-Type: application/json".',
          'invalid_request_error',
          'unsupported_media_type',
        ),
      ),
    });
  });
});

describe('[EP1][P1][E4] places and limits of completions', () => {
  it('are MAX_CHATS at once, beside those of calls, and free again when the answer is out or the caller gone', async () => {
    const upstream = await model();
    upstream.script = () => undefined;
    const gateway = await serve({ MAX_CHATS: '1', MAX_CONNECTIONS: '1' }, [upstream]);
    const leaving = new AbortController();
    const body = JSON.stringify({ model: 'small', messages: USER });
    const headers = { 'content-type': 'application/json' };
    const held = request(gateway.url, '/v1/chat/completions', { method: 'POST', headers, body, signal: leaving.signal }).catch(
      () => 'left',
    );
    await until('the model is asked', () => upstream.exchanges.length === 1);
    const message = 'Service temporarily unavailable: the gateway serves no more than 1 completions at once (MAX_CHATS).';
    expect(told(await complete(gateway.url))).toEqual(
      failure(503, openAiError(message, 'server_error', 'overloaded'), { 'retry-after': '1' }),
    );
    expect((await post(gateway.url, '/v1/tools/work', {})).status).toBe(200);
    leaving.abort();
    expect(await held).toBe('left');
    upstream.script = (exchange) => exchange.say('Hello.');
    await until('there is room', async () => (await complete(gateway.url)).status === 200);
    expect((await complete(gateway.url)).status).toBe(200);
  });

  it.each([true, false])("tell what is left of the limit, as calls do, but not of another's limit, streamed: %j", async (streamed) => {
    const upstream = await model();
    const gateway = await serve({ RATE_LIMIT_CLIENT: '5' }, [upstream]);
    const limits = (answer: Exchange) => LIMIT_HEADERS.map((name) => answer.limits[name.toLowerCase()]);
    const reset = expect.stringMatching(/^\d+$/);
    const ofFirst = ['5', '4', reset, expect.stringMatching(/^"client";r=4;t=\d+$/), '"client";q=5;w=60'];
    expect(limits(await complete(gateway.url, { stream: streamed }))).toEqual(ofFirst);
    expect(limits(await complete(gateway.url, { stream: streamed, model: 'large' }))[1]).toBe('3');
    upstream.script = (exchange) => exchange.json(429, { error: { message: 'Slow down' } });
    const slowed = await complete(gateway.url, { stream: streamed });
    expect([slowed.status, ...limits(slowed)]).toEqual([429, ...LIMIT_HEADERS.map(() => undefined)]);
  });

  it('count once against the limit of the client', async () => {
    const gateway = await serve({ RATE_LIMIT_CLIENT: '2' }, [await model()]);
    for (let times = 0; times < 2; times += 1) expect((await complete(gateway.url)).status).toBe(200);
    const { status, headers, text } = await complete(gateway.url);
    const { error } = JSON.parse(text) as { error: { message: string } };
    expect({ status, after: headers['retry-after'], error }).toEqual({
      status: 429,
      after: expect.stringMatching(/^\d+$/),
      ...openAiError(
        expect.stringMatching(/^You may make 2 calls in 60 s, and have made them: try again in \d+ s\.$/),
        'rate_limit_error',
        'rate_limit_exceeded',
      ),
    });
  });
});
