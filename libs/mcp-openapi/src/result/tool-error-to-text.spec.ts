import { toolErrorToText } from './tool-error-to-text.js';

function failed(value: object): string {
  return toolErrorToText({ value: { isError: true, ...value }, text: JSON.stringify({ isError: true, ...value }) });
}

describe('toolErrorToText', () => {
  it.each([
    [{ content: [{ type: 'text', text: 'No such plan: "x"' }] }, 'No such plan: "x"'],
    [
      {
        content: [
          { type: 'text', text: 'first' },
          { type: 'text', text: ' second\n' },
        ],
      },
      'first\n second\n',
    ],
    [
      {
        content: [
          { type: 'text', text: 'see' },
          { type: 'image', mimeType: 'image/png', data: 'AA==' },
        ],
      },
      'see\n[image: image/png]',
    ],
    [{ content: [{ type: 'resource', resource: { uri: 'file:///log', mimeType: 'text/plain' } }] }, '[resource: file:///log text/plain]'],
    [
      { content: [{ type: 'resource_link', uri: 'file:///log' }, { type: 'audio' }, {}, 5] },
      '[resource_link: file:///log]\n[audio]\n[unknown content]\n[unknown content]',
    ],
    [{ content: [], structuredContent: { code: 7 } }, '{"code":7}'],
    [{}, 'The tool failed and gave no reason.'],
  ])('[AC3] %j is told as %j', (result, text) => {
    expect(failed(result)).toBe(text);
  });
});
