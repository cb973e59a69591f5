import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorBodyOf, toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

export const upstreamDown: Scenario = {
  title: '[AC5] [E1] [T3] the planner goes down: the chat goes on and the model sees when to ask again; then it works again',
  async run({ ask, planner, gateway }) {
    const tasks = await planner.tasks();

    await planner.stop();
    const downExchange = await ask('call:list_tasks {}').finally(() => planner.startAgain());

    const body = errorBodyOf(downExchange, 503);
    const { correlation_id, retry_after } = body.error;
    const message = 'Service temporarily unavailable';
    const details = { server: 'default', reason: 'The MCP server cannot be reached; the tool did not run.' };
    assert.deepEqual(body, { error: { type: 'upstream_unavailable', message, details, correlation_id, retry_after } });
    assert(retry_after !== undefined && Number.isInteger(retry_after) && retry_after >= 1, `retry_after is ${retry_after}`);
    assert.equal((await gateway.callLogLine(correlation_id)).status, 503);
    assert.equal(downExchange.stored.content, `RESULT ${downExchange.toolResult}`);
    assert.equal(toolCallStatus(downExchange), 'failed');

    await sleep(retry_after * 1000);
    const laterExchange = await ask('call:list_tasks {}');
    assert.deepEqual(JSON.parse(laterExchange.toolResult), { tasks });
    assert.equal(toolCallStatus(laterExchange), 'completed');
  },
};
