import assert from 'node:assert/strict';
import { toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

export const authorized: Scenario = {
  title: '[S1] [AC8] [T3] with a key and with a session the gateway knows who chats',
  async run({ ask, planner, guarded, userId }) {
    for (const connection of ['keyed', 'session'] as const) {
      const before = (await planner.executions()).length;
      const exchange = await ask('call:list_tasks {}', connection);
      assert.equal(toolCallStatus(exchange), 'completed', exchange.toolResult);
      const executions = (await planner.executions()).slice(before);
      assert.equal(executions.length, 1);
      const { status, principal } = await guarded.callLogLine(executions[0]?.correlation_id ?? '');
      assert.deepEqual({ connection, status, principal }, { connection, status: 200, principal: userId });
    }
    assert.deepEqual(guarded.logged('security_event'), []);
  },
};
