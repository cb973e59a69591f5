import { startGateway, startPlanner } from './support/processes.js';
import { until } from './support/until.js';

describe('a URL without a path', () => {
  it('[AC5] is found under /mcp at once, and stays connected', async () => {
    const planner = await startPlanner();
    const gateway = await startGateway({ env: { MCP_SERVER_URL: planner.url } });
    const messages = () => gateway.stdout.map((line) => (JSON.parse(line) as { msg: string }).msg);
    await until('the planner is listed', async () => (await fetch(`${gateway.url}/ready`)).ok);
    // A connection that drops itself does so as soon as it is up: a call and a list after that come too late for it.
    await fetch(`${gateway.url}/v1/tools/list_plans`, { method: 'POST' });
    await fetch(`${gateway.url}/v1/tools/no_such_tool`, { method: 'POST' });
    await until('the log is written', () => messages().includes('tools listed'));
    expect(await gateway.stop()).toBe(0);
    const others = ['servers', 'listening', 'request'];
    expect(messages().filter((msg) => !others.includes(msg))).toEqual(['upstream is up', 'tools listed', 'stopping', 'stopped']);
    await planner.stop();
  });
});
