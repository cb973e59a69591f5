import type { CallToolResult, ToolOutcome } from '@app/mcp-openapi';
import { outcomeToMarkdown } from './outcome-to-markdown.js';

function told(value: CallToolResult, kind: 'result' | 'tool_error' = 'result'): string {
  return outcomeToMarkdown('a_tool', { kind, result: { value, text: JSON.stringify(value) } });
}

const text = (said: string) => ({ content: [{ type: 'text', text: said }] });

describe('outcomeToMarkdown', () => {
  it.each([
    [
      {
        structuredContent: {
          tasks: [
            { id: 't1', title: 'a|b', tags: ['x', 'y'] },
            { id: 't2', done: true },
          ],
        },
      },
      '**tasks**\n\n| id | title | tags | done |\n| --- | --- | --- | --- |\n| t1 | a\\|b | x, y |  |\n| t2 |  |  | true |',
    ],
    [text('[{"id":1}]'), '| id |\n| --- |\n| 1 |'],
    [text('{"id":"t1","link":"https://example.com/a_b"}'), '- **id**: t1\n- **link**: <https://example.com/a_b>'],
    [text('["a","b"]'), '- a\n- b'],
    [text('[]'), 'Nothing.'],
    [text('done *well*'), 'done \\*well\\*'],
    [text('a\n```\nb'), '````\na\n```\nb\n````'],
    [text('![x](http://evil.example/x)'), '!\\[x\\](http://evil.example/x)'],
    [{ content: [] }, '`a_tool` is done, and said nothing.'],
    [{ ...text('{"a":1}'), structuredContent: { a: 1 } }, '- **a**: 1'],
    [{ content: [...text('Mind it.').content, ...text('{"a": 1.0}').content], structuredContent: { a: 1 } }, '- **a**: 1\n\nMind it.'],
    [
      { content: [], structuredContent: { content: [{ type: 'audio', mimeType: 'audio/wav', data: 'AAAA' }] } },
      '**content**\n\n| type | mimeType | data |\n| --- | --- | --- |\n| audio | audio/wav | \\[audio, audio/wav, 3 bytes: not shown.\\] |',
    ],
    [{ content: [{ type: 'resource_link', uri: 'https://example.com/a', name: 'A [b]' }] }, '[A \\[b\\]](https://example.com/a)'],
    [{ content: [{ type: 'resource_link', uri: 'javascript:alert(1)', name: 'A' }] }, 'A: `javascript:alert(1)`'],
    [{ content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] }, '![image](data:image/png;base64,AAAA)'],
    [
      { content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA) [x](http://evil.example)' }] },
      '(image, image/png, 22 bytes: not shown)',
    ],
    [{ content: [{ type: 'image', mimeType: 'image/png', data: 'A'.repeat(1_000_001) }] }, '(image, image/png, 750000 bytes: not shown)'],
    [{ content: [{ type: 'audio', mimeType: 'audio/wav', data: 'AAAA' }] }, '(audio, audio/wav, 3 bytes: not shown)'],
    [
      { content: [{ type: 'resource', resource: { uri: 'file:///a.bin', mimeType: 'application/zip', blob: 'AAAA' } }] },
      '(resource, application/zip, 3 bytes: not shown)',
    ],
  ])('[EP1] %j is shown as Markdown', (value, markdown) => {
    expect(told(value)).toBe(markdown);
  });

  it('[EP1] long lists and texts are cut, and said to be', () => {
    expect(told(text(JSON.stringify(Array.from({ length: 60 }, (_, id) => ({ id })))))).toMatch(/\| 49 \|\n\nand 10 more\.$/);
    expect(told(text('a\n'.repeat(20_000))).length).toBeLessThan(17_000);
  });

  it('[AC3] a failure is told with what to make of it', () => {
    expect(told(text('No such task'), 'tool_error')).toBe('`a_tool` failed:\n\n```\nNo such task\n```');
    const failures: ToolOutcome[] = [
      { kind: 'rejected', type: 'rate_limit_error', message: 'Too many calls.', retryAfterSeconds: 7 },
      { kind: 'unavailable', type: 'upstream_unavailable', message: 'The server is down.' },
      { kind: 'unknown', type: 'upstream_timeout', message: 'No answer came.' },
    ];
    expect(failures.map((failure) => outcomeToMarkdown('a_tool', failure))).toEqual([
      '`a_tool`: Too many calls. It did not run. Try again in 7 s.',
      '`a_tool`: The server is down. It did not run.',
      '`a_tool`: No answer came. It may have run.',
    ]);
  });
});
