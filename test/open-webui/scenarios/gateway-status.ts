import assert from 'node:assert/strict';
import { toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

export const gatewayStatus: Scenario = {
  title: '[E8] [T3] an upstream that never was up: the connection stays, and the model can say why nothing works',
  async run({ ask, lonelyUpstreamUrl }) {
    const exchange = await ask('call:gateway_status {}', 'lonely');

    const status = JSON.parse(exchange.toolResult) as { servers: { since: string }[] };
    const since = status.servers[0]?.since ?? '';
    const message = 'No tools are available: none of the MCP servers behind the gateway has been reached yet. It keeps trying.';
    const reason = `connect ECONNREFUSED ${new URL(lonelyUpstreamUrl).host}`;
    assert.deepEqual(status, { message, servers: [{ name: 'default', state: 'degraded', since, reason }] });
    assert.equal(new Date(since).toISOString(), since);
    assert.equal(exchange.stored.content, `RESULT ${exchange.toolResult}`);
    assert.equal(toolCallStatus(exchange), 'completed');
  },
};
