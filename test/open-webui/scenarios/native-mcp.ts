import assert from 'node:assert/strict';
import { isRunning } from '../../support/process/children.ts';
import { until } from '../../support/until.ts';
import { openChat, screenshot, typeQuestion, withPage } from '../browser.ts';
import { storedImages, toolCallStatus } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';
import { MODEL_ID } from '../scripted-model.ts';

const NATIVE = 'mcp:native';
const TITLE = 'By way of MCP';

export const nativeCalls: Scenario = {
  title: '[AC5] [T3] Open WebUI’s own MCP client: tools of all servers are offered, called, and say no in their own words',
  async run({ ask, native }) {
    const created = await ask(`call:native_planner_create_task {"title":"${TITLE}"}`, NATIVE);
    assert.match(created.toolResult, new RegExp(TITLE));
    assert.equal(toolCallStatus(created), 'completed');
    const echoed = await ask('call:native_everything_echo {"message":"said twice"}', NATIVE);
    assert.match(echoed.toolResult, /said twice/);
    const refused = await ask('call:native_planner_get_task {"task_id":"no-such-task"}', NATIVE);
    assert.match(refused.toolResult, /There is no task \\?"no-such-task\\?"\./);
    assert(native.gateway.logged('request').some(({ path, method }) => path === '/mcp' && method === 'POST'));
  },
};

export const nativeImage: Scenario = {
  title: '[AC2] [AC5] [T3] Open WebUI’s own MCP client: an image reaches the model and the chat',
  async run({ ask }) {
    const exchange = await ask('call:native_planner_plan_report {"plan_id":"abc123"}', NATIVE);
    assert.equal(exchange.toolImages.length, 1);
    assert.equal(storedImages(exchange).length, 1);
  },
};

export const nativeKilled: Scenario = {
  title: '[AC5] [P4] [T3] Open WebUI’s own MCP client: a server’s process is killed between two messages of a chat; the next one works',
  async run({ startChat, native }) {
    const chat = startChat(NATIVE);
    await chat.ask(`call:native_planner_create_task {"title":"${TITLE}, kept"}`);
    const before = native.plannerPid();
    process.kill(before, 'SIGKILL');
    await until('the process to be gone', () => !isRunning(before));
    const listed = await chat.ask('call:native_planner_list_tasks {}');
    assert.match(listed.toolResult, new RegExp(`${TITLE}, kept`));
    assert.notEqual(native.plannerPid(), before);
  },
};

export const nativeElicitation: Scenario = {
  title: '[AC4] [AC5] [T3] Open WebUI’s own MCP client: a tool’s question is a form in the browser, and its answer reaches the tool',
  async run({ openWebUi, model }) {
    await withPage(async (page) => {
      await openChat(page, openWebUi.url, MODEL_ID, NATIVE);
      await typeQuestion(page, 'call:native_everything_trigger-elicitation-request {}');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      await screenshot(page, 'mcp-question.png');
      await dialog.getByRole('textbox').first().fill('Ada Lovelace');
      await dialog
        .getByRole('button', { name: /submit|confirm|send/i })
        .first()
        .click();
      await until('the tool has the answer', () => JSON.stringify(model.requests.at(-1)?.messages ?? []).includes('Ada Lovelace'));
    });
  },
};
