import assert from 'node:assert/strict';
import { errorBodyOf, toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

export const toolError: Scenario = {
  title: '[AC3] [T3] a tool that says no: the model sees 422 with the tool’s own sentence',
  async run({ ask, gateway }) {
    const exchange = await ask('call:get_task {"task_id":"no-such-task"}');

    const body = errorBodyOf(exchange, 422);
    const { correlation_id } = body.error;
    assert.deepEqual(body, { error: { type: 'tool_error', message: 'There is no task "no-such-task".', correlation_id } });
    assert.equal((await gateway.callLogLine(correlation_id)).status, 422);
    assert.equal(exchange.stored.content, `RESULT ${exchange.toolResult}`);
    assert.equal(toolCallStatus(exchange), 'failed');
  },
};
