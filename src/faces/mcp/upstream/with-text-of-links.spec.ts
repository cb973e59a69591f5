import type { ToolResult } from '@app/mcp-openapi';
import { hasLinks, withTextOfLinks } from './with-text-of-links.js';

const result = (...content: object[]): ToolResult => {
  const value = { content, more: 1 } as unknown as ToolResult['value'];
  return { value, text: JSON.stringify(value) };
};

describe('[AC2] withTextOfLinks', () => {
  it('says each link in a text behind it, and leaves all else', () => {
    const [link, bare] = [
      { type: 'resource_link', uri: 'file:///a', name: 'a', description: 'The file' },
      { type: 'resource_link', uri: 'file:///b' },
    ];
    const text = { type: 'text', text: 'x' };
    const told = withTextOfLinks(result(text, link, bare));
    expect(told.value).toEqual({
      content: [text, link, { type: 'text', text: 'a: The file (file:///a)' }, bare, { type: 'text', text: 'file:///b' }],
      more: 1,
    });
    expect(JSON.parse(told.text)).toEqual(told.value);
  });

  it('is the same result where there are none, which is known before', () => {
    const [without, withOne] = [result({ type: 'text', text: 'x' }), result({ type: 'resource_link', uri: 'file:///a' })];
    expect([without, withOne].map(hasLinks)).toEqual([false, true]);
    expect(withTextOfLinks(without)).toBe(without);
  });
});
