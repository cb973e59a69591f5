import type { ToolResult } from '../tool-outcome.js';
import { resultToBody } from './result-to-body.js';

const PNG = 'iVBORw0KGgo=';
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const html = { type: 'resource', resource: { uri: 'ui://chart', mimeType: 'text/html;profile=mcp-app', text: '<p>5</p>' } };

/** A result as it came: its text, with numbers that JavaScript cannot hold, and what JSON.parse makes of it. */
function received(text: string): ToolResult {
  return { text, value: JSON.parse(text) as ToolResult['value'] };
}

function items(...content: unknown[]): ToolResult {
  return received(JSON.stringify({ content }));
}

const json = (body: string) => ({ contentType: 'application/json', body });

describe('resultToBody', () => {
  describe('[AC2] one text item', () => {
    it.each([
      ['{"id":12345678901234567890,"n":1.0,"x":1e400}', '{"id":12345678901234567890,"n":1.0,"x":1e400}'],
      [' [1,\n2] ', ' [1,\n2] '],
      ['"quoted"', '"quoted"'],
      ['42', '42'],
      ['null', 'null'],
      ['done', '"done"'],
      ['[INFO] ready', '"[INFO] ready"'],
      ['{"a":1', '"{\\"a\\":1"'],
      ['', '""'],
      ['lone \uD800 half', '"lone \\ud800 half"'],
      ['{"a":"\uD800"}', '{"a":"\\ud800"}'],
      ['{"z":1,"a":2,"__proto__":3}', '{"z":1,"a":2,"__proto__":3}'],
    ])('%j is answered with %s', (text, body) => {
      expect(resultToBody(items({ type: 'text', text }))).toEqual(json(body));
    });

    it.each([
      ['text/plain', 'text/plain; charset=utf-8'],
      ['TEXT/*', 'text/plain; charset=utf-8'],
      ['application/json;q=0.5, text/plain', 'text/plain; charset=utf-8'],
      ['text/plain;q=0.5, application/json', 'application/json'],
      ['text/plain;q=0, */*', 'application/json'],
      ['application/json, text/plain, */*', 'application/json'],
      ['text/html,application/xhtml+xml,application/xml;q=0.9,image/png,*/*;q=0.8', 'application/json'],
      ['application/xml', 'application/json'],
      ['text/csv', 'application/json'],
      ['', 'application/json'],
      ['*/*', 'application/json'],
    ])('Accept: %s gives %s', (accept, contentType) => {
      const { body, ...rest } = resultToBody(items({ type: 'text', text: 'Done: 5' }), accept);
      expect(rest).toEqual({ contentType });
      expect(body).toBe(contentType === 'application/json' ? '"Done: 5"' : 'Done: 5');
    });
  });

  describe('[AC2] structuredContent', () => {
    const text =
      '{"content":[{"type":"text","text":"{\\"n\\":1,\\"id\\":12345678901234567890}"}],"structuredContent":{"id":12345678901234567890, "n":1.0},"isError":false}';

    it('is sliced out of the text as the server wrote it', () => {
      expect(resultToBody(received(text))).toEqual(json('{"id":12345678901234567890, "n":1.0}'));
      expect(resultToBody(received(text), 'text/plain')).toEqual(json('{"id":12345678901234567890, "n":1.0}'));
    });

    it('stands in an array before the items that are not its text twin', () => {
      const result = received(
        JSON.stringify({
          content: [{ type: 'text', text: '{ "n": 1 }' }, image, { type: 'text', text: 'a chart' }],
          structuredContent: { n: 1 },
        }),
      );
      expect(resultToBody(result)).toEqual(json(`[{"n":1},"data:image/png;base64,${PNG}","a chart"]`));
    });

    it('may come without content, and null counts as none', () => {
      expect(resultToBody(received('{"structuredContent":[1.0]}'))).toEqual(json('[1.0]'));
      expect(resultToBody(received('{"content":[{"type":"text","text":"ok"}],"structuredContent":null}'))).toEqual(json('"ok"'));
    });
  });

  describe('[AC2] one image', () => {
    it('is a data URI that Open WebUI shows', () => {
      expect(resultToBody(items(image))).toEqual(json(`"data:image/png;base64,${PNG}"`));
    });

    it.each(['image/*', 'image/png', 'image/avif,image/webp,image/*,*/*;q=0.8', 'application/json;q=0.1, image/png'])(
      'is its bytes for Accept: %s',
      (accept) => {
        expect(resultToBody(items(image), accept)).toEqual({ contentType: 'image/png', body: Buffer.from(PNG, 'base64') });
      },
    );

    it.each(['image/webp', 'application/json, image/png'])('is a data URI for Accept: %s', (accept) => {
      expect(resultToBody(items(image), accept)).toEqual(json(`"data:image/png;base64,${PNG}"`));
    });

    it('is never sent as bytes when its base64 is broken', () => {
      expect(resultToBody(items({ ...image, data: '%%%' }), 'image/*')).toEqual(json('"data:image/png;base64,%%%"'));
    });

    it.each(['IMAGE/PNG', 'image/png; charset=binary', ' image/png ;a=b'])('has its type in small letters and alone: %j', (mimeType) => {
      const blob = { type: 'resource', resource: { uri: 'a:b', mimeType, blob: PNG } };
      for (const item of [{ ...image, mimeType }, blob, { ...image, data: `data:${mimeType.trim().replace(/[ ]/g, '')};base64,${PNG}` }])
        expect(resultToBody(items(item), undefined, { binary: 'describe' })).toEqual(json(`"data:image/png;base64,${PNG}"`));
    });

    it.each([{ mimeType: 'text/html' }, { mimeType: 'image/png\r\nX: 1' }, { mimeType: undefined }, { data: 5 }])(
      'is kept whole when it is no image: %j',
      (wrong) => {
        const item = JSON.parse(JSON.stringify({ ...image, ...wrong })) as object;
        expect(resultToBody(items(item), 'image/*')).toEqual(json(JSON.stringify(item)));
      },
    );
  });

  describe('[AC2] anything else', () => {
    it('keeps every one of several items, in the text of the server', () => {
      const text = `{"content":[{"type":"text","text":"{\\"n\\":1.0}"},{"type":"text","text":"hi"},${JSON.stringify(image)},{"type":"audio","data":"AA==","mimeType":"audio/wav"},{"type":"resource_link","uri":"file:///a","size":12345678901234567890},{"type":"new","x":1e400},5]}`;
      expect(resultToBody(received(text))).toEqual(
        json(
          `[{"n":1.0},"hi","data:image/png;base64,${PNG}",{"type":"audio","data":"AA==","mimeType":"audio/wav"},{"type":"resource_link","uri":"file:///a","size":12345678901234567890},{"type":"new","x":1e400},5]`,
        ),
      );
    });

    it.each([
      { type: 'audio', data: 'AA==', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'file:///a' },
      { type: 'text', text: 5 },
      html,
      null,
    ])('gives one other item whole: %j', (item) => {
      expect(resultToBody(items(item))).toEqual(json(JSON.stringify(item)));
    });

    it('gives an empty array for no content, as mcpo does, and the whole result when it has no content at all', () => {
      expect(resultToBody(items())).toEqual(json('[]'));
      expect(resultToBody(received('{"toolResult":{"n":1.0}}'))).toEqual(json('{"toolResult":{"n":1.0}}'));
      expect(resultToBody(received('{"content":"text"}'))).toEqual(json('{"content":"text"}'));
    });

    it('gives the whole CallToolResult to those who ask for it by name', () => {
      const text = '{"content":[{"type":"text","text":"1.0"}],"_meta":{"n":1.0}}';
      const whole = { contentType: 'application/vnd.mcp+json', body: text };
      expect(resultToBody(received(text), 'application/vnd.mcp+json')).toEqual(whole);
      expect(resultToBody(received(text), 'application/json;q=0.5, Application/VND.mcp+json')).toEqual(whole);
      expect(resultToBody(received(text), 'application/*')).toEqual(json('1.0'));
      expect(resultToBody(received(text), 'application/vnd.mcp+json;q=0.1, */*')).toEqual(json('1.0'));
    });
  });

  describe('[AC2] one embedded HTML resource', () => {
    it('is an inline page where the operator allows it', () => {
      expect(resultToBody(items(html), '*/*', { inlineHtml: true })).toEqual({
        contentType: 'text/html; charset=utf-8',
        body: '<p>5</p>',
        headers: { 'Content-Disposition': 'inline' },
      });
    });

    it.each([
      ['beside another item', [html, { type: 'text', text: 'x' }]],
      ['of another type', [{ type: 'resource', resource: { uri: 'a', mimeType: 'text/htmlx', text: '' } }]],
      ['without text', [{ type: 'resource', resource: { uri: 'a', mimeType: 'text/html', blob: '' } }]],
      ['without a resource', [{ type: 'resource' }]],
    ])('is data %s', (_, content) => {
      expect(resultToBody(items(...content), '*/*', { inlineHtml: true }).contentType).toBe('application/json');
    });
  });

  it('[AC2] every JSON body parses', () => {
    for (const text of ['x', '{}', '"', '\\', '\u2028', '1.', 'nul']) {
      expect(() => JSON.parse(resultToBody(items({ type: 'text', text }, { type: 'text', text })).body as string) as unknown).not.toThrow();
    }
  });
});
