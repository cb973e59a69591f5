import assert from 'node:assert/strict';
import { toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

const ARGUMENTS = { title: 'Review quarterly reports', due_date: '2025-10-15', plan_id: 'abc123' };

export const createTask: Scenario = {
  title: '[AC1] [AC2] [AC6] [T3] a chat creates a task: stored answer, the planner itself and the log line agree',
  async run({ ask, planner, gateway }) {
    const executionsBefore = await planner.executions();

    const exchange = await ask(`call:create_task ${JSON.stringify(ARGUMENTS)}`);
    const executions = (await planner.executions()).slice(executionsBefore.length);

    const tasks = await planner.tasks();
    const [task] = tasks;
    assert(task);
    const { id, created_at } = task;
    assert.deepEqual(tasks, [{ id, ...ARGUMENTS, bucket_id: 'bucket_1', priority: 'medium', assignees: [], completed: false, created_at }]);
    assert.equal(exchange.stored.content, `RESULT ${JSON.stringify(task, null, 2)}`);
    assert.equal(toolCallStatus(exchange), 'completed');

    assert.deepEqual(
      executions.map(({ tool }) => tool),
      ['create_task'],
    );
    const line = await gateway.callLogLine(executions[0]?.correlation_id ?? '');
    const { method, path, status, tool, upstream } = line;
    assert.deepEqual(
      { method, path, status, tool, upstream },
      { method: 'POST', path: '/v1/tools/create_task', status: 200, tool: 'create_task', upstream: 'default' },
    );
    for (const duration of [line.duration_ms, line.translation_ms, line.upstream_ms]) assert(duration > 0 && duration <= line.duration_ms);
  },
};
