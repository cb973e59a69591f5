import assert from 'node:assert/strict';
import { errorBodyOf, toolCallStatus } from '../exchange.ts';
import { startGreeter } from '../greeter.ts';
import type { Scenario } from '../scenario.ts';

export const vanishedTool: Scenario = {
  title: '[AC3] [T3] a tool that vanishes while the model thinks: the model sees 404',
  async run({ ask, model, gateway, gatewayOptions }) {
    const greeter = await startGreeter();
    const withGreeter = { ...gatewayOptions, env: { MCP_SERVER_URL: greeter.url } };
    model.whileThinking(() => gateway.restart(withGreeter, 'greet'));
    try {
      const exchange = await ask('call:create_task {"title":"Too late"}');

      const body = errorBodyOf(exchange, 404);
      const { correlation_id } = body.error;
      const message = 'There is no tool "create_task". GET /openapi.json lists them all.';
      const details = { tool: 'create_task', closest: [] };
      assert.deepEqual(body, { error: { type: 'tool_not_found', message, details, correlation_id } });
      assert.equal((await gateway.callLogLine(correlation_id)).status, 404);
      assert.equal(toolCallStatus(exchange), 'failed');
    } finally {
      await gateway.restart(gatewayOptions, 'create_task');
      await greeter.stop();
    }
  },
};
