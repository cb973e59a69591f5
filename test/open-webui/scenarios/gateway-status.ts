import assert from 'node:assert/strict';
import { toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

export const gatewayStatus: Scenario = {
  title: '[E8] [T3] an upstream that never was up: the connection stays, and the model can say why nothing works',
  async run({ ask }) {
    const exchange = await ask('call:gateway_status {}', 'lonely');

    const status = JSON.parse(exchange.toolResult) as { servers: unknown[] };
    assert.deepEqual(status, { servers: [{ name: 'default', state: 'down', reason: 'ECONNREFUSED' }] });
    assert.equal(exchange.stored.content, `RESULT ${exchange.toolResult}`);
    assert.equal(toolCallStatus(exchange), 'completed');
  },
};
