import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import { openChat, screenshot, typeQuestion, withPage } from '../browser.ts';
import { type ChatRequest, textOf } from '../chat-request.ts';
import { requestOf, signedIn, type StoredMessage } from '../chat.ts';
import { ASSISTANT, BEHIND } from '../chat-gateway.ts';
import { ADMIN } from '../open-webui-environment.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { CHAT_QUESTION, fridayFrom } from '../model-script.ts';

const BUILT_INS = 28;
const TITLE = 'review the quarterly reports';

export const chatWithAssistant: Scenario = {
  title: '[EP1] [T3] a person asks the assistant in the browser: one message, status lines, the task is in the planner for Friday',
  run: (stage) => createsTask(stage, ASSISTANT, 'chat-assistant.png'),
};

export const chatWithModel: Scenario = {
  title: '[EP1] [T3] a person asks a model behind the gateway in the browser: the same, beside the built-in tools of Open WebUI',
  async run(stage) {
    const before = stage.chat.model.requests.length;
    await createsTask(stage, BEHIND, 'chat.png');
    const asked = stage.chat.model.requests.slice(before);
    assert.equal(asked.length, 2);
    for (const request of asked) assertBuiltIns(request);
  },
};

export const chatPrompt: Scenario = {
  title: '[EP1] [T3] the assistant asks in a prompt of the page before it destroys, and runs nothing unless told',
  async run({ openWebUi, chat: { planner } }) {
    const { value } = await planner.call('create_task', { title: 'to be deleted' });
    const { id } = value as { id: string };
    const isThere = async () => (await planner.tasks()).some((task) => task.id === id);
    const asks = async (page: Page, answer: string) => {
      await openChat(page, openWebUi.url, ASSISTANT);
      await typeQuestion(page, `/delete_task ${id}`);
      const choice = page.getByRole('button', { name: answer === 'Yes' ? /Run it/ : /Run nothing/ }).last();
      await page
        .getByText(answer === 'Yes' ? 'Run it.' : 'Run nothing.')
        .first()
        .waitFor();
      if (answer === 'Yes') await screenshot(page, 'chat-prompt.png');
      await choice.click();
    };
    await withPage(async (page) => {
      await asks(page, 'No');
      await page.getByText('Nothing was run.').waitFor();
      assert(await isThere());
    });
    await withPage(async (page) => {
      await asks(page, 'Yes');
      await until('the task is gone', async () => !(await isThere()));
    });
  },
};

export const chatTitles: Scenario = {
  title: '[EP1] [T3] titles, tags and follow-ups, asked for without headers, run no tool, though they quote "create a task"',
  async run(stage) {
    const { chat, untold } = stage;
    for (const modelId of [ASSISTANT, BEHIND]) {
      const [tasks, asked, executions] = [await chat.planner.tasks(), chat.model.requests.length, await chat.planner.executions()];
      const completions = chat.gateway.logged('request').filter(isCompletion).length;
      await withPage(async (page) => {
        await openChat(page, untold.url, modelId);
        await typeQuestion(page, CHAT_QUESTION);
        await page.getByText(fridayFrom(new Date())).first().waitFor();
        await page.getByRole('button', { name: /copy/i }).last().waitFor();
      });
      if (modelId === BEHIND) {
        const isTask = ({ messages }: ChatRequest) => messages.some((message) => textOf(message).startsWith('### Task:'));
        const told = await until('titles, tags and follow-ups are asked for', () => {
          const all = chat.model.requests.slice(asked).filter(isTask);
          return all.length >= 3 ? all : undefined;
        });
        assert(told.every(({ tools }) => tools === undefined));
        const quotes = ({ messages }: ChatRequest) => messages.some((message) => textOf(message).includes(CHAT_QUESTION));
        assert(told.some(quotes), JSON.stringify(told));
      } else await untilCalls(chat.gateway, completions + 4);
      assert.equal((await chat.planner.tasks()).length, tasks.length + 1);
      const ran = (await chat.planner.executions()).slice(executions.length).map(({ tool }) => tool);
      assert.deepEqual(
        ran.filter((tool) => tool !== 'list_tasks'),
        ['create_task'],
      );
    }
  },
};

/** Completions that the gateway has logged, the last of which may come a moment after the answer. */
async function untilCalls(gateway: Stage['gateway'], count: number): Promise<void> {
  await until(`${count} completions`, () => gateway.logged('request').filter(isCompletion).length >= count);
}

const isCompletion = (line: Record<string, unknown>) => line['path'] === '/v1/chat/completions';

export const chatContract: Scenario = {
  title: '[EP1] [T3] models are listed; built-in tools pass through; events of a model do not; errors are shown, with the text so far',
  async run(stage) {
    const { token } = await signedIn(stage.openWebUi.url, ADMIN);
    const { data } = await requestOf<{ data: { id: string }[] }>(`${stage.openWebUi.url}/api/models`, { token });
    const ids = data.map(({ id }) => id);
    assert(
      [ASSISTANT, BEHIND].every((id) => ids.includes(id)),
      ids.join(),
    );
    const ask = (question: string) => stage.askModel(BEHIND, question);

    const own = await ask('call:get_current_timestamp {}');
    assert.match(own.content, /RESULT/);
    assert.deepEqual(callsOf(own), ['get_current_timestamp']);

    const ours = await ask('call:list_tasks {}');
    assert.match(ours.content, /RESULT/);
    assert.deepEqual([callsOf(ours), statusesOf(ours)], [[], ['Running list_tasks', 'Ran list_tasks']]);

    const evil = await ask('event:');
    assert.deepEqual([evil.content, statusesOf(evil)], ['Said.', []]);

    const before = await ask('fail:before');
    assert.match(JSON.stringify(before.error), /Slow down/);
    const within = await ask('fail:within');
    assert.match(JSON.stringify(within.error), /broke off/);
    assert.match(within.content, /So far/);
  },
};

export const chatStopped: Scenario = {
  title: '[EP1] [T3] a person who stops the answer stops the model behind the gateway',
  run: ({ openWebUi, chat: { model } }) =>
    withPage(async (page) => {
      const left = model.left;
      await openChat(page, openWebUi.url, BEHIND);
      await typeQuestion(page, 'endless:');
      await page.getByText('Word').first().waitFor();
      await page.getByRole('button', { name: /stop/i }).last().click();
      await until('the model is left', () => model.left === left + 1);
    }),
};

async function createsTask({ openWebUi, chat: { planner } }: Stage, modelId: string, picture: string): Promise<void> {
  const known = await planner.tasks();
  const executions = await planner.executions();
  const chatId = await withPage(async (page) => {
    await openChat(page, openWebUi.url, modelId);
    await typeQuestion(page, CHAT_QUESTION);
    await page.getByText('Ran create_task').first().waitFor();
    await page.getByRole('button', { name: /copy/i }).last().waitFor(); // shown once the answer is complete
    await page.waitForTimeout(500);
    await screenshot(page, picture);
    return new URL(page.url()).pathname.split('/').at(-1) as string;
  });
  const created = (await planner.tasks()).filter(({ id }) => known.every((task) => task.id !== id));
  const { due_date, title } = created[0] ?? {};
  assert.deepEqual([created.length, due_date, title?.toLowerCase()], [1, fridayFrom(new Date()), TITLE]);
  const ran = (await planner.executions()).slice(executions.length).map(({ tool }) => tool);
  assert.deepEqual(
    ran.filter((tool) => tool !== 'list_tasks'),
    ['create_task'],
  );

  const { token } = await signedIn(openWebUi.url, ADMIN);
  const stored = await until('it is stored', async () => {
    const { chat } = await requestOf<{ chat: { history: { messages: Record<string, StoredMessage> } } }>(
      `${openWebUi.url}/api/v1/chats/${chatId}`,
      { token },
    );
    const messages = Object.values(chat.history.messages);
    return messages.some(({ role, done }) => role === 'assistant' && done) ? messages : undefined;
  });
  const [answer, ...more] = stored.filter(({ role }) => role === 'assistant');
  assert(answer && more.length === 0, JSON.stringify(stored));
  assert.equal(answer.error, undefined);
  assert.deepEqual([callsOf(answer), statusesOf(answer)], [[], ['Running create_task', 'Ran create_task']]);
  assert.match(answer.content, new RegExp(due_date as string));
}

/** All that Open WebUI has of its own, beside those of the planner. */
function assertBuiltIns({ tools = [] }: ChatRequest): void {
  const names = tools.map(({ function: { name } }) => name);
  assert(names.includes('ask_user') && names.includes('search_chats') && names.includes('create_task'), names.join());
  assert.equal(new Set(names).size, names.length);
  assert(names.indexOf('create_task') >= BUILT_INS, names.join());
}

function callsOf({ output = [] }: StoredMessage): string[] {
  return output.flatMap((item) => (item.type === 'function_call' ? [item.name] : []));
}

function statusesOf({ statusHistory = [] }: StoredMessage): string[] {
  return statusHistory.map(({ description }) => description);
}
