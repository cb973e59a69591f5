import { toolCall } from './tool-call.js';

describe('[AC4] a call that was sent twice', () => {
  it('is told from its start again, and tells each progress once', () => {
    const told: number[] = [];
    const settle = { resolve: () => undefined, reject: () => undefined, send: () => undefined };
    const call = toolCall('a', 'work', {}, { onProgress: ({ progress }) => told.push(progress) }, settle);
    const hear = (type: string, data = {}) => call.hear({ type, correlation_id: 'a', data });
    const progress = (...numbers: number[]) => numbers.forEach((number) => hear('tool_progress', { progress: number }));
    hear('tool_started');
    progress(1, 2);
    hear('tool_started');
    progress(1, 2, 3);
    hear('tool_started');
    progress(1, 2);
    hear('tool_started');
    progress(1, 2, 3, 4);
    expect(told).toEqual([1, 2, 3, 4]);
  });
});
