import assert from 'node:assert/strict';
import path from 'node:path';
import { errorBodyOf, toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

const OTHER_UPSTREAM = ['--', process.execPath, path.resolve('node_modules/@modelcontextprotocol/server-memory/dist/index.js')];

export const vanishedTool: Scenario = {
  title: '[AC3] [T3] a tool that vanishes while the model thinks: the model sees 404',
  async run({ ask, model, gateway, gatewayOptions }) {
    model.whileThinking(() => gateway.restart({ cwd: gatewayOptions.cwd, args: OTHER_UPSTREAM }, 'read_graph'));
    try {
      const exchange = await ask('call:create_task {"title":"Too late"}');

      const body = errorBodyOf(exchange, 404);
      const { correlation_id } = body.error;
      assert.deepEqual(body, { error: { type: 'tool_not_found', message: 'There is no tool create_task.', correlation_id } });
      assert.equal((await gateway.callLogLine(correlation_id)).status, 404);
      assert.equal(toolCallStatus(exchange), 'failed');
    } finally {
      await gateway.restart(gatewayOptions, 'create_task');
    }
  },
};
