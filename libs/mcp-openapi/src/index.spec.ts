import {
  type CallToolResult,
  compileValidator,
  problemsToOutcome,
  outcomeToStatus,
  publishNames,
  resultToBody,
  selectTools,
  toolsToDocument,
} from './index.js';

describe('the translation, from a list of tools to the body of a call', () => {
  it('[T1] [AC1] [AC2] publishes, judges and answers one tool', () => {
    const { tools } = selectTools([
      { name: 'create task', inputSchema: { properties: { title: { type: 'string' } }, required: ['title'] } },
    ]);
    const names = publishNames(
      tools.map(({ name }) => ({ server: 'planner', name })),
      { style: 'bare' },
    );
    const published = tools.map((tool, index) => ({ publishedName: names[index] as string, server: 'planner', tool }));
    const { paths } = toolsToDocument({
      tools: published,
      info: { title: 'Planner', version: '1' },
      pathOf: (name) => `/v1/tools/${name}`,
    });
    const [path, item] = Object.entries(paths)[0] ?? [];
    expect(path).toMatch(/^\/v1\/tools\/create_task_[0-9a-z]{8}$/);
    expect(item?.post).toMatchObject({ summary: 'create task', requestBody: { required: true } });

    const problems = compileValidator(tools[0]?.inputSchema ?? {}).problems({});
    const refused = problemsToOutcome(problems);
    expect(refused).toMatchObject({
      message: 'Invalid params: title is required',
      details: { field: 'title', issue: 'required', problems: [{ field: 'title', issue: 'required' }] },
    });
    expect(outcomeToStatus(refused)).toBe(400);

    const text = '{"content":[{"type":"text","text":"{\\"id\\":12345678901234567890}"}]}';
    expect(resultToBody({ text, value: JSON.parse(text) as CallToolResult })).toEqual({
      contentType: 'application/json',
      body: '{"id":12345678901234567890}',
    });
  });
});
