import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openChat, typeQuestion, withPage } from '../browser.ts';
import { type ShownStatus, signedIn, requestOf } from '../chat.ts';
import { SPOKEN_IMPORT } from '../model-script.ts';
import { ADMIN, type Person } from '../open-webui-environment.ts';
import type { Scenario } from '../scenario.ts';
import { MODEL_ID } from '../scripted-model.ts';
import type { Stage } from '../stage.ts';

/** Only on request, so that a test run leaves the repository as it was. */
const SCREENSHOT = process.env.UPDATE_SCREENSHOT === 'true' ? 'docs/images/progress.png' : '.cache/progress.png';
const READER: Person = { name: 'Rita', email: 'rita@example.test', password: 'a-password-for-tests' };
const TITLES = ['Agenda', 'Figures', 'Charts', 'Summary'];
/** Longer than from one status to the next, also on a machine that is busy. */
const IMPORT = { tasks: TITLES.map((title) => ({ title })), delay_ms: 900 };

export const progress: Scenario = {
  title: '[AC4] [T3] import_tasks shows its progress in the chat while it runs, and it stays there, in a chat of the admin and of another',
  run: (stage) =>
    withKey(stage, async () => {
      const question = `call:import_tasks ${JSON.stringify(IMPORT)}`;
      const { stored } = await stage.ask(question);
      assertProgress(stored.statusHistory);
      const other = await stage.signIn(READER);
      assertProgress((await other.ask(question, 'gateway')).stored.statusHistory);
      const refused = await stage.ask('call:import_tasks {"tasks":[]}');
      assert.deepEqual(refused.stored.statusHistory ?? [], []);
      assert.deepEqual(stage.gateway.logged('the progress of a call is not shown in its chat'), []);
    }),
};

export const progressInBrowser: Scenario = {
  title: '[AC4] [T3] a person sees in the browser how far import_tasks is',
  run: (stage) =>
    withKey(stage, () =>
      withPage(async (page) => {
        await openChat(page, stage.openWebUi.url, MODEL_ID, 'gateway');
        await typeQuestion(page, SPOKEN_IMPORT);
        await page
          .getByText(/import_tasks: Created ".+"\. \([1-3] of 4\)/)
          .first()
          .waitFor();
        await mkdir(path.dirname(SCREENSHOT), { recursive: true });
        await page.screenshot({ path: SCREENSHOT, animations: 'disabled' });
        await page.getByText('import_tasks: done').first().waitFor();
      }),
    ),
};

/** The gateway with Open WebUI's URL and a key of its admin; afterwards as it was. */
async function withKey({ gateway, gatewayOptions, openWebUi }: Stage, run: () => Promise<void>): Promise<void> {
  const { token } = await signedIn(openWebUi.url, ADMIN);
  const { api_key: key } = await requestOf<{ api_key: string }>(`${openWebUi.url}/api/v1/auths/api_key`, { token, body: {} });
  const env = { ...gatewayOptions.env, OPENWEBUI_URL: openWebUi.url, OPENWEBUI_API_KEY: key };
  await gateway.restart({ ...gatewayOptions, env }, 'import_tasks');
  try {
    await run();
  } finally {
    await gateway.restart(gatewayOptions, 'import_tasks');
  }
}

/** From the first task on, in order, and ended once. */
function assertProgress(history: readonly ShownStatus[] = []): void {
  const all = TITLES.map((title, at) => `import_tasks: Created "${title}". (${at + 1} of ${TITLES.length})`);
  const told = history.slice(0, -1);
  assert.deepEqual(
    told.map(({ description, done }) => ({ description, done })),
    all.filter((text) => told.some(({ description }) => description === text)).map((description) => ({ description, done: false })),
  );
  assert.equal(told[0]?.description, all[0]);
  assert(told.length > 1, JSON.stringify(history));
  const { description, done } = history.at(-1) as ShownStatus;
  assert.deepEqual({ description, done }, { description: 'import_tasks: done', done: true });
}
