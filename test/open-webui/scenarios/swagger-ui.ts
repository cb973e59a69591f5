import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { withPage } from '../browser.ts';
import type { ObservedPlanner } from '../planner.ts';
import type { Scenario } from '../scenario.ts';
import { GATEWAY_KEY } from '../guarded-gateway.ts';

/** The title of the task that the page suggests. */
const PREFILLED = 'Review quarterly reports';

export const swaggerUi: Scenario = {
  title: '[C4] [AC7] a person runs a tool in Swagger UI, with what the page suggests and with arguments of their own',
  async run({ gateway, planner }) {
    const title = 'Try the page';
    const created = await createdBy(planner, () =>
      withPage(async (page) => {
        await page.goto(`${gateway.url}/docs`);
        await execute(page, undefined, 200, PREFILLED);
        await execute(page, title, 200, title);
      }),
    );
    assert.deepEqual(created, [PREFILLED, title]);
  },
};

export const swaggerUiWithKey: Scenario = {
  title: '[C4] [S1] [E3] a person gives Swagger UI the key of a gateway that asks for one, and runs a tool',
  async run({ guarded }) {
    const before = (await guarded.executions()).length;
    await withPage(async (page) => {
      await page.setExtraHTTPHeaders({ 'x-teams-auth-token': 'teams-swagger' });
      await page.goto(`${guarded.gateway.url}/docs`);
      await execute(page, 'not without a key', 401, 'authentication_error');
      await authorize(page, GATEWAY_KEY);
      await execute(page, 'Try the page with a key', 200, 'Try the page with a key');
    });
    const executed = (await guarded.executions()).slice(before).map(({ tool }) => tool);
    assert.deepEqual(executed, ['create_task']);
  },
};

/** The titles of the tasks that are there after the action and were not before it. */
async function createdBy(planner: ObservedPlanner, action: () => Promise<void>): Promise<string[]> {
  const before = await planner.tasks();
  await action();
  const created = (await planner.tasks()).filter(({ id }) => before.every((known) => known.id !== id));
  return created.map(({ title }) => title);
}

async function authorize(page: Page, key: string): Promise<void> {
  await page.locator('.scheme-container .authorize').click();
  const dialog = page.locator('.dialog-ux .modal-ux');
  await dialog.locator('input').fill(key);
  await dialog.locator('button.authorize').click();
  await dialog.locator('button.btn-done').click();
  await dialog.waitFor({ state: 'detached' });
}

/** Runs create_task with this title, or with the arguments that stand there, and waits until the page shows status and text of the answer. */
async function execute(page: Page, title: string | undefined, status: number, text: string): Promise<void> {
  const operation = page.locator('.opblock-post', { has: page.locator('[data-path="/v1/tools/create_task"]') });
  const body = operation.locator('textarea');
  await operation.waitFor();
  if (!(await body.isVisible())) await operation.locator('.opblock-summary').click();
  if (title !== undefined) await body.fill(JSON.stringify({ title }));
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table .response-col_status').getByText(String(status)).waitFor();
  await operation.locator('.live-responses-table').getByText(text).first().waitFor();
}
