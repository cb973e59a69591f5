import assert from 'node:assert/strict';
import { MEMBER, OPERATOR } from '../admin-only.ts';
import { errorBodyOf } from '../exchange.ts';
import { ADMIN } from '../open-webui-environment.ts';
import type { Scenario } from '../scenario.ts';

export const adminsByRole: Scenario = {
  title: '[S1] [AC8] tools for admins by one key and the role of the user: all see them, only admins may call them',
  async run({ adminOnly: { ask, gateway } }) {
    const { toolResult } = await ask(ADMIN, 'call:create_task {"title":"By the admin"}', 'byrole');
    assert.equal((JSON.parse(toolResult) as { title: string }).title, 'By the admin');
    const { error } = errorBodyOf(await ask(MEMBER, 'call:create_task {"title":"By a member"}', 'byrole'), 403);
    assert.equal(error.type, 'permission_error');
    assert(gateway.logged('security_event').some(({ reason }) => reason === 'denied_tool'));
    assert.match((await ask(MEMBER, 'call:list_plans', 'byrole')).toolResult, /abc123/);
  },
};

export const groupsByHeader: Scenario = {
  title:
    '[S1] [AC8] tools for a group by one key and the header that names the groups of the user: all see them, only the group may call them',
  async run({ adminOnly: { ask } }) {
    assert.match((await ask(OPERATOR, 'call:list_tasks', 'bygroup')).toolResult, /title/);
    const { error } = errorBodyOf(await ask(MEMBER, 'call:list_tasks', 'bygroup'), 403);
    assert.equal(error.type, 'permission_error');
    assert.match((await ask(MEMBER, 'call:list_plans', 'bygroup')).toolResult, /abc123/);
  },
};

export const adminsByGroup: Scenario = {
  title: '[S1] [AC8] tools for a group by a connection and a key of its own: nobody else is offered them',
  async run({ adminOnly: { ask } }) {
    const { toolResult } = await ask(OPERATOR, 'call:create_task {"title":"By an operator"}', 'operators');
    assert.equal((JSON.parse(toolResult) as { title: string }).title, 'By an operator');
    await assert.rejects(ask(MEMBER, 'call:create_task {"title":"x"}', 'operators'), /NOT OFFERED create_task/);
    await assert.rejects(ask(MEMBER, 'call:create_task {"title":"x"}', 'everybody'), /NOT OFFERED create_task/);
    assert.match((await ask(MEMBER, 'call:list_plans', 'everybody')).toolResult, /abc123/);
  },
};
