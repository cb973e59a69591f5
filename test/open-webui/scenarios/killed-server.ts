import assert from 'node:assert/strict';
import { isRunning } from '../../support/process/children.ts';
import { until } from '../../support/until.ts';
import type { ConfiguredGateway } from '../configured-gateway.ts';
import { errorBodyOf, toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';

const ENTITY = { name: 'Ada', entityType: 'person', observations: ['wrote the first program'] };

export const killedBetweenMessages: Scenario = {
  title: '[AC5] [P4] [T3] a config file of mcpo: a server’s process is killed between two messages of a chat; the next one works',
  async run({ startChat, configured }) {
    const { childOf } = configured;
    const reportsBefore = await configured.reports();
    const pidBefore = childOf('memory');
    const chat = startChat('memory');

    const created = await chat.ask(`call:create_entities ${JSON.stringify({ entities: [ENTITY] })}`);
    assert.deepEqual(JSON.parse(created.toolResult), { entities: [ENTITY] });
    assert.equal(toolCallStatus(created), 'completed');
    process.kill(pidBefore, 'SIGKILL');
    // A call that comes before the gateway has taken note of the end is one during which the server was killed.
    await until('the process to be gone', () => !isRunning(pidBefore));
    const read = await chat.ask('call:read_graph {}');

    assert.deepEqual(JSON.parse(read.toolResult), { entities: [ENTITY], relations: [] });
    assert.equal(read.stored.content, `RESULT ${read.toolResult}`);
    assert.equal(toolCallStatus(read), 'completed');
    assert.notEqual(childOf('memory'), pidBefore);
    await assertRespawned(configured, 'memory', reportsBefore);
  },
};

export const killedDuringCall: Scenario = {
  title: '[AC3] [AC5] [T3] a config file of mcpo: a server’s process is killed during a call; the model is told, the next message works',
  async run({ startChat, configured }) {
    const { childOf, gateway } = configured;
    const reportsBefore = await configured.reports();
    const pidBefore = childOf('planner');
    const chat = startChat('servers');

    const importing = chat.ask('call:planner_import_tasks {"tasks":[{"title":"Cut short"},{"title":"Never made"}],"delay_ms":10000}');
    await until('the call to run', async () => (await configured.executions()).some(({ tool }) => tool === 'import_tasks'));
    process.kill(pidBefore, 'SIGKILL');
    const cutShort = await importing;
    const listed = await chat.ask('call:planner_list_tasks {}');
    const ofAnother = await chat.ask('call:files_list_allowed_directories {}');

    const body = errorBodyOf(cutShort, 502);
    const { correlation_id } = body.error;
    const message = 'The connection to the MCP server ended before it answered: "planner_import_tasks" may have run.';
    const details = { server: 'planner', outcome: 'unknown' };
    assert.deepEqual(body, { error: { type: 'outcome_unknown', message, details, correlation_id } });
    assert.equal((await gateway.callLogLine(correlation_id)).status, 502);
    assert.equal(cutShort.stored.content, `RESULT ${cutShort.toolResult}`);
    assert.equal(toolCallStatus(cutShort), 'failed');
    assert.equal((await configured.executions()).filter(({ tool }) => tool === 'import_tasks').length, 1);

    assert.equal(listed.stored.content, `RESULT ${listed.toolResult}`);
    assert(Array.isArray((JSON.parse(listed.toolResult) as { tasks: unknown }).tasks));
    assert.equal(toolCallStatus(listed), 'completed');
    assert.match(ofAnother.stored.content, new RegExp(`^RESULT .*${configured.folder}`, 's'));
    assert.notEqual(childOf('planner'), pidBefore);
    await assertRespawned(configured, 'planner', reportsBefore);
  },
};

/** The log and `/v1/servers` tell of one end and one return of that server, and of nothing else. */
async function assertRespawned(
  { gateway, reports }: ConfiguredGateway,
  name: string,
  reportsBefore: Awaited<ReturnType<ConfiguredGateway['reports']>>,
): Promise<void> {
  // Lines of the log are written some at a time.
  const returns = () => gateway.logged('upstream is up').filter(({ upstream }) => upstream === name).length - 1;
  await until('the log to tell of its return', () => returns() > 0);
  const lost = 'The process was ended by SIGKILL.';
  const losses = gateway.logged('upstream is not reachable').filter(({ upstream }) => upstream === name);
  assert.deepEqual(
    losses.map(({ state, error }) => ({ state, error })),
    [{ state: 'degraded', error: lost }],
  );
  assert.equal(returns(), 1);

  const reportsNow = await reports();
  const since = reportsNow.find((report) => report.name === name)?.since ?? '';
  assert.deepEqual(
    reportsNow,
    reportsBefore.map((report) => (report.name === name ? { ...report, since, lastError: lost } : report)),
  );
  assert(since > (reportsBefore.find((report) => report.name === name)?.since ?? ''));
}
