import { selectTools } from './select-tools.js';

const schema = { type: 'object' };

describe('selectTools', () => {
  it('[AC5] keeps every tool that can be called as it came, whatever its name and schema hold', () => {
    const listed = [
      { name: 'a b/{c}', inputSchema: { properties: null }, extra: 1 },
      { name: '__proto__', inputSchema: {} },
      { name: 'x'.repeat(300), inputSchema: schema, title: 5 },
    ];
    expect(selectTools(listed)).toEqual({ tools: listed, warnings: [] });
    expect(selectTools(listed).tools[0]).toBe(listed[0]);
  });

  it('[AC5] leaves out what nobody could name or call, and says so by name', () => {
    const listed = [
      null,
      'tool',
      { inputSchema: schema },
      { name: '', inputSchema: schema },
      { name: 'list', inputSchema: [] },
      { name: 'none' },
      { name: 'good', inputSchema: schema },
    ];
    expect(selectTools(listed)).toEqual({
      tools: [{ name: 'good', inputSchema: schema }],
      warnings: [
        'Tool 1 of the list is left out: it is not an object.',
        'Tool 2 of the list is left out: it is not an object.',
        'Tool 3 of the list is left out: its name undefined is not a non-empty string.',
        'Tool 4 of the list is left out: its name "" is not a non-empty string.',
        'Tool "list" is left out: its inputSchema is not a JSON object.',
        'Tool "none" is left out: its inputSchema is not a JSON object.',
      ],
    });
  });

  it('[AC5] keeps both of two tools with one name, and says so', () => {
    const first = { name: 'twin', inputSchema: schema, title: 'first' };
    const second = { name: 'twin', inputSchema: schema, title: 'second' };
    expect(selectTools([first, second])).toEqual({
      tools: [first, second],
      warnings: ['There is more than one tool named "twin": the server cannot tell their calls apart.'],
    });
  });
});
