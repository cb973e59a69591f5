import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PLANNER } from '../../../test/support/built.ts';
import { ROOT } from '../../../test/support/processes.ts';
import { toolCall } from './raw-http.ts';

/** Runs the planner with these lines as all of its stdin. */
function runOn(messages: object[], env: Record<string, string> = {}) {
  const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  const main = `${ROOT}/${PLANNER}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], { input, env, encoding: 'utf8', timeout: 25_000 });
  return {
    status,
    stderr,
    answers: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

describe('the planner on stdio', () => {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params };

  it('answers everything on stdin before it ends with it', () => {
    const tasks = [{ title: 'a' }, { title: 'b' }];
    const { status, stderr, answers } = runOn([
      initialize,
      toolCall('import_tasks', { tasks, delay_ms: 100 }),
      toolCall('create_task', {}, 2),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(answers).toEqual([
      expect.objectContaining({ id: 0, result: expect.objectContaining({ protocolVersion: '2025-11-25' }) }),
      { jsonrpc: '2.0', id: 2, error: { code: -32602, message: 'Invalid params', data: { field: 'title', issue: 'required' } } },
      expect.objectContaining({ id: 1, result: expect.objectContaining({ structuredContent: expect.objectContaining({ imported: 2 }) }) }),
    ]);
  });

  it('does not wait for a long import when stdin ends, and keeps what it made', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'planner-stdio-'));
    try {
      const file = path.join(folder, 'data.json');
      const call = toolCall('import_tasks', { tasks: [{ title: 'a' }, { title: 'b' }], delay_ms: 9000 });
      expect(runOn([initialize, call], { PLANNER_DATA_FILE: file }).status).toBe(0);
      // All of it would take 18 seconds, and make both.
      expect(JSON.parse(readFileSync(file, 'utf8')).tasks).toMatchObject([{ title: 'a' }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not start where it is to require a token, which stdio cannot carry', () => {
    expect(runOn([initialize], { PLANNER_REQUIRE_TOKEN: 'true' })).toEqual({
      status: 1,
      stderr: 'PLANNER_REQUIRE_TOKEN: stdio has no headers to carry a token, start with --http\n',
      answers: [],
    });
  });
});
