import assert from 'node:assert/strict';
import { storedImages, toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

const FILE_ID = /[0-9a-f-]{36}/;

export const image: Scenario = {
  title: '[AC2] [T3] a report with a chart: the model sees the numbers and the image, the chat shows the image',
  async run({ ask, planner }) {
    const exchange = await ask('call:plan_report {"plan_id":"abc123"}');

    const report = await planner.call('plan_report', { plan_id: 'abc123' });
    assert.deepEqual(exchange.toolImages, report.images);
    assert.equal(exchange.toolResult, JSON.stringify({ results: [report.value, '[image]'] }, null, 2));
    assert.deepEqual(
      storedImages(exchange).map((url) => url.replace(FILE_ID, 'ID')),
      ['/api/v1/files/ID/content'],
    );
    assert.equal(toolCallStatus(exchange), 'completed');
  },
};
