import assert from 'node:assert/strict';
import { toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

export const listTasks: Scenario = {
  title: '[AC2] [T3] the model sees the planner’s list as it is',
  async run({ ask, planner }) {
    const exchange = await ask('call:list_tasks {}');

    assert.equal(exchange.toolResult, JSON.stringify({ tasks: await planner.tasks() }, null, 2));
    assert.equal(exchange.stored.content, `RESULT ${exchange.toolResult}`);
    assert.equal(toolCallStatus(exchange), 'completed');
  },
};
