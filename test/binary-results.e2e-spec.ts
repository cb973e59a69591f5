import { jsonAnswer, post, told } from './support/exchange.ts';
import { startConfigured } from './support/configured-server.ts';

const AUDIO_DATA = Buffer.from('RIFF-some-audio!').toString('base64');
const BLOB_DATA = Buffer.alloc(2_345, 7).toString('base64');
const PNG = 'iVBORw0KGgo=';
const audio = { type: 'audio', mimeType: 'audio/wav', data: AUDIO_DATA };
const blob = { type: 'resource', resource: { uri: 'file:///a.bin', mimeType: 'application/octet-stream', blob: BLOB_DATA } };
const image = { type: 'image', mimeType: 'image/png', data: PNG };
const imageBlob = { type: 'resource', resource: { uri: 'file:///a.png', mimeType: 'image/png', blob: PNG } };
const DATA_URI = `data:image/png;base64,${PNG}`;
const WHOLE = 'application/vnd.mcp+json';
const AGAIN = `With the header Accept: ${WHOLE} the call runs again and gives all of it.`;

interface Given {
  readonly accept?: string;
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly tool?: Readonly<Record<string, unknown>>;
}

/** What a call is answered whose tool gives this result. */
async function answered(result: unknown, { accept, entry, tool }: Given = {}) {
  const started = await startConfigured({
    tools: [{ name: 'work', inputSchema: { type: 'object' }, ...tool }],
    call: (exchange) => exchange.result(result),
    entry,
  });
  try {
    return told(await post(started.gateway.url, '/raw/work', {}, accept === undefined ? {} : { accept }));
  } finally {
    await started.close();
  }
}

const json = (value: unknown) => jsonAnswer(JSON.stringify(value));
const items = (...content: unknown[]) => ({ content });

describe('a result that is binary', () => {
  it('[AC2] is a data URI where an embedded resource is an image, and its bytes for who prefers them', async () => {
    expect(await answered(items(imageBlob))).toEqual(json(DATA_URI));
    expect(await answered(items({ type: 'text', text: 'see' }, imageBlob))).toEqual(json(['see', DATA_URI]));
    expect((await answered(items(imageBlob), { accept: 'image/*' })).headers['content-type']).toBe('image/png');
  });

  it.each<[string, unknown]>([
    ['in place of base64', { ...image, data: DATA_URI }],
    ['without a type beside it', { type: 'image', data: DATA_URI }],
    ['with null for the type beside it', { type: 'image', mimeType: null, data: DATA_URI }],
    ['in a blob', { type: 'resource', resource: { uri: 'a:b', blob: DATA_URI } }],
  ])('[AC2] is a data URI where the server wrote one %s', async (_, item) => {
    expect(await answered(items(item))).toEqual(json(DATA_URI));
    expect((await answered(items(item), { accept: 'image/png' })).headers['content-type']).toBe('image/png');
  });

  it.each([
    ['audio', audio, '[audio, audio/wav, 16 bytes: not shown.]'],
    ['a blob', blob, '[resource file:///a.bin, application/octet-stream, 2.3 kB: not shown.]'],
    ['a blob without a type', { type: 'resource', resource: { uri: 'a:b', blob: 'AAE=' } }, '[resource a:b, 2 bytes: not shown.]'],
    ['an image that is none', { ...image, mimeType: 'text/html' }, '[image, text/html, 8 bytes: not shown.]'],
    ['an image without a type', { type: 'image', data: PNG }, '[image, 8 bytes: not shown.]'],
    ['a kind yet unknown', { type: 'video', mimeType: 'video/mp4', data: PNG }, '[video, video/mp4, 8 bytes: not shown.]'],
    ['audio as a data URI', { ...audio, data: `data:audio/wav;base64,${AUDIO_DATA}` }, '[audio, audio/wav, 16 bytes: not shown.]'],
    [
      'audio whose type its data URI alone says',
      { type: 'audio', data: 'data:audio/ogg;base64,AAE=' },
      '[audio, audio/ogg, 2 bytes: not shown.]',
    ],
    ['a type with control characters', { ...audio, mimeType: 'audio/wav\u0007\u202e\r\n' }, '[audio, audio/wav, 16 bytes: not shown.]'],
  ])('[AC2] is described where it is %s', async (_, item, words) => {
    expect(await answered(items(item))).toEqual(json(words));
    expect(await answered(items({ type: 'text', text: 'x' }, item))).toEqual(json(['x', words]));
  });

  it('[AC2] of a read-only tool says how to get all of it', async () => {
    const tool = { annotations: { readOnlyHint: true } };
    expect(await answered(items(audio), { tool })).toEqual(json(`[audio, audio/wav, 16 bytes: not shown. ${AGAIN}]`));
  });

  it('[AC2] is whole for who asks for it by name', async () => {
    expect(await answered(items(audio, blob), { accept: WHOLE })).toEqual(jsonAnswer(JSON.stringify(items(audio, blob)), WHOLE));
  });

  it('[AC2] is the item as the server wrote it where the settings of the server keep it', async () => {
    const entry = { binary: 'keep' };
    for (const item of [audio, blob, imageBlob, { ...image, mimeType: 'text/html' }])
      expect(await answered(items(item), { entry })).toEqual(json(item));
  });

  it('[AC2] is not text in structuredContent either: images are data URIs, the rest is described', async () => {
    const structured = (data: unknown) => ({ content: [data] });
    expect(await answered({ content: [audio], structuredContent: structured(audio) })).toEqual(
      json(structured({ ...audio, data: '[audio, audio/wav, 16 bytes: not shown.]' })),
    );
    expect(await answered({ content: [blob], structuredContent: structured(blob.resource) })).toEqual(
      json(structured({ ...blob.resource, blob: '[resource file:///a.bin, application/octet-stream, 2.3 kB: not shown.]' })),
    );
    const inLines = { ...audio, data: AUDIO_DATA.replaceAll(/.{8}/g, '$&\n') };
    const inUri = { ...audio, data: `data:audio/wav;base64,${AUDIO_DATA}` };
    for (const written of [inLines, inUri])
      expect(await answered({ content: [written], structuredContent: structured(written) })).toEqual(
        json(structured({ ...audio, data: '[audio, audio/wav, 16 bytes: not shown.]' })),
      );
    expect(await answered({ content: [], structuredContent: { n: 1, ...image } })).toEqual(json({ n: 1, ...image, data: DATA_URI }));
  });

  it('[AC2] is sent once where structuredContent holds the image, too', async () => {
    const { text } = await answered({ content: [image], structuredContent: { content: [image] } });
    expect(JSON.parse(text)).toEqual({ content: [{ ...image, data: DATA_URI }] });
    expect(await answered({ content: [image], structuredContent: { chart: DATA_URI } })).toEqual(json({ chart: DATA_URI }));
  });

  it('[AC2] keeps an image beside structuredContent that does not hold it', async () => {
    const result = { content: [{ type: 'text', text: '{"n":1}' }, image], structuredContent: { n: 1 } };
    expect(await answered(result)).toEqual(json([{ n: 1 }, DATA_URI]));
  });
});

describe('text beside structuredContent', () => {
  const beside = (structuredContent: unknown, ...texts: string[]) =>
    answered({ content: texts.map((text) => ({ type: 'text', text })), structuredContent });

  it('[AC2] is kept where it is not its twin', async () => {
    const advice = 'Found 2 connections. Call connect with one of their ids first.';
    expect(await beside({ connections: ['a', 'b'] }, advice)).toEqual(json([{ connections: ['a', 'b'] }, advice]));
    expect(await beside({ n: 1 }, '{"n":1}', advice)).toEqual(json([{ n: 1 }, advice]));
    expect(await beside({ n: 1 }, '{"n":2}')).toEqual(json([{ n: 1 }, { n: 2 }]));
  });

  it.each([
    ['its JSON', { a: 1, b: [2] }, ['{"a":1,"b":[2]}']],
    ['its JSON, printed and ordered otherwise', { a: 1.5, b: [2] }, ['{\n  "b": [ 2 ],\n  "a": 1.50\n}']],
    ['what it wraps', { result: 'hello' }, ['hello']],
    ['the JSON of what it wraps', { result: { a: [1] } }, ['{"a":[1]}']],
    ['the items of the list that it wraps', { result: ['x', { y: 1 }, 3] }, ['x', '{"y":1}', '3']],
    ['one of its texts', { content: 'whole file\n', path: '/a' }, ['whole file\n']],
    ['empty', { n: 1 }, ['']],
  ])('[AC2] is left out where it is %s', async (_, structuredContent, texts) => {
    expect(await beside(structuredContent, ...texts)).toEqual(json(structuredContent));
  });
});
