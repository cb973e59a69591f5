import type { McpTool } from '@app/mcp-openapi';
import { listToText, textToList } from './stored-list.js';

const NOW = Date.parse('2026-11-27T09:30:00.000Z');
const MAX = 10_000;
const TOOL = { name: 'work', inputSchema: { type: 'object' }, 'x-unknown': [1] };
const good = { tools: [TOOL], version: '1.0', last_updated: '2026-11-27T09:29:00.000Z' };

describe('a list of tools in Redis', () => {
  beforeEach(() => jest.useFakeTimers({ now: NOW }));
  afterEach(() => jest.useRealTimers());

  it('[REDIS] is its tools as they were listed, the version and the time, in this order, and read as it was written', async () => {
    const text = await listToText([TOOL, { ...TOOL, name: 'other' }], NOW - 1, MAX);
    expect(text).toBe(
      '{"tools":[{"name":"work","inputSchema":{"type":"object"},"x-unknown":[1]},{"name":"other","inputSchema":{"type":"object"},"x-unknown":[1]}],' +
        '"version":"1.0","last_updated":"2026-11-27T09:29:59.999Z"}',
    );
    expect(textToList(text as string, MAX)).toEqual({ tools: [TOOL, { ...TOOL, name: 'other' }], listedAt: NOW - 1 });
    expect(await listToText([], NOW, MAX)).toBe('{"tools":[],"version":"1.0","last_updated":"2026-11-27T09:30:00.000Z"}');
  });

  it('[REDIS] is bounded, to the byte where it is written and where it is read', async () => {
    const tools: McpTool[] = [TOOL, { ...TOOL, description: 'größer' }];
    const text = (await listToText(tools, NOW, MAX)) as string;
    const bytes = Buffer.byteLength(text);
    expect(textToList(text, bytes)?.tools).toEqual(tools);
    expect(textToList(text, bytes - 1)).toBeUndefined();
    // A comma is counted for the last tool, too.
    expect(await listToText(tools, NOW, bytes + 1)).toBe(text);
    expect(await listToText(tools, NOW, bytes)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['no JSON', '{"tools":['],
    ['cut off', JSON.stringify(good).slice(0, -1)],
    ['no object', [good]],
    ['null', null],
    ['a bare list', [TOOL]],
    ['no tools', { ...good, tools: undefined }],
    ['tools by name', { ...good, tools: { work: TOOL } }],
    ['a tool that is no object', { ...good, tools: [TOOL, 'work'] }],
    ['a tool that is null', { ...good, tools: [null] }],
    ['a tool that is a list', { ...good, tools: [[TOOL]] }],
    ['a tool without a name', { ...good, tools: [{ inputSchema: {} }] }],
    ['a tool with a number for a name', { ...good, tools: [{ ...TOOL, name: 1 }] }],
    ['a tool without a schema', { ...good, tools: [{ name: 'work' }] }],
    ['a tool with a text for a schema', { ...good, tools: [{ ...TOOL, inputSchema: '{}' }] }],
    ['more tools than any server may list', { ...good, tools: Array.from({ length: 20_001 }, () => TOOL) }],
    ['no version', { ...good, version: undefined }],
    ['another version', { ...good, version: '2.0' }],
    ['a number for a version', { ...good, version: 1 }],
    ['no time', { ...good, last_updated: undefined }],
    ['a number for a time', { ...good, last_updated: NOW }],
    ['no time of a calendar', { ...good, last_updated: '2026-13-45T09:30:00.000Z' }],
    ['a day', { ...good, last_updated: '2026-11-27' }],
    ['a time to come', { ...good, last_updated: '2026-11-27T09:30:05.001Z' }],
  ])('[REDIS][E8] %s is none', (_, value) => {
    expect(textToList(typeof value === 'string' ? value : JSON.stringify(value), 10_000_000)).toBeUndefined();
  });

  it('[REDIS] may be of a replica whose clock is a little ahead, and holds names as data', () => {
    const text = JSON.stringify({ ...good, last_updated: '2026-11-27T09:30:05.000Z' });
    expect(textToList(text, MAX)?.listedAt).toBe(NOW + 5_000);
    const odd =
      '{"tools":[{"name":"__proto__","inputSchema":{"__proto__":{"polluted":true}}}],"version":"1.0","last_updated":"2026-11-27T09:29:00.000Z"}';
    expect(textToList(odd, MAX)?.tools.map(({ name }) => name)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
