import assert from 'node:assert/strict';
import { errorBodyOf } from '../exchange.ts';
import { CALLS_A_MINUTE, creatorOf } from '../guarded-gateway.ts';
import { ADMIN, type Person } from '../open-webui-environment.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage, ToolServerId } from '../stage.ts';

const ADA: Person = { name: 'Ada Lovelace', email: 'ada@example.test', password: 'a-password-for-ada' };
const BOB: Person = { name: 'Bob Ross', email: 'bob@example.test', password: 'a-password-for-bob' };

export const withKey: Scenario = {
  title: '[S1] [S7] [AC8] a connection with a key: the task is made by the user’s own token, and the log names the user',
  run: (stage) => createsTask(stage, 'keyed'),
};

export const withSession: Scenario = {
  title: '[S1] [AC8] a connection with sessions: the user is known without any key',
  run: (stage) => createsTask(stage, 'session'),
};

export const withWrongKey: Scenario = {
  title: '[E3] [S1] a connection with a wrong key: no tools are offered, and the log says why',
  async run({ ask, guarded }) {
    await assert.rejects(ask('call:list_plans', 'wrongkey'), /NOT OFFERED list_plans/);
    const told = guarded.gateway.logged('security_event');
    assert(
      told.some(({ reason }) => reason === 'auth_unknown_key'),
      JSON.stringify(told),
    );
  },
};

export const twoUsers: Scenario = {
  title: '[S3] [S7] [E4] [P3] two users of one connection: limits of their own, and tasks with their own tokens',
  async run({ signIn, guarded }) {
    const [ada, bob] = [await signIn(ADA), await signIn(BOB)];
    for (let call = 1; call <= CALLS_A_MINUTE; call++) {
      const { toolResult } = await ada.ask(`call:create_task {"title":"Ada ${call}"}`, 'keyed');
      assert.equal(creatorIn(toolResult), creatorOf(ADA.email));
    }
    const before = await guarded.executions();
    const { error } = errorBodyOf(await ada.ask('call:create_task {"title":"One too many"}', 'keyed'), 429);
    assert.equal(error.type, 'rate_limit_error');
    assert(typeof error.retry_after === 'number' && error.retry_after >= 1 && error.retry_after <= 60);
    assert.deepEqual(await guarded.executions(), before);

    const { toolResult } = await bob.ask('call:create_task {"title":"Bob 1"}', 'keyed');
    assert.equal(creatorIn(toolResult), creatorOf(BOB.email));
  },
};

async function createsTask({ ask, guarded, userId }: Stage, server: ToolServerId): Promise<void> {
  const before = (await guarded.executions()).length;
  const { toolResult } = await ask(`call:create_task {"title":"Through ${server}"}`, server);
  assert.equal(creatorIn(toolResult), creatorOf(ADMIN.email));
  const [execution, ...more] = (await guarded.executions()).slice(before);
  assert.equal(more.length, 0);
  const { status, principal } = await guarded.gateway.callLogLine(execution?.correlation_id ?? '');
  assert.deepEqual({ status, principal }, { status: 200, principal: userId });
}

function creatorIn(toolResult: string): string {
  return (JSON.parse(toolResult) as { created_by: string }).created_by;
}
