import assert from 'node:assert/strict';
import { withPage } from '../browser.ts';
import type { Scenario } from '../scenario.ts';

const TITLE = 'Try the page';

export const swaggerUi: Scenario = {
  title: '[C4] [AC7] a person runs a tool in Swagger UI',
  async run({ gateway, planner }) {
    const before = await planner.tasks();

    await withPage(async (page) => {
      await page.goto(`${gateway.url}/docs`);
      const operation = page.locator('.opblock', { has: page.locator('[data-path="/v1/tools/create_task"]') });
      await operation.locator('.opblock-summary').click();
      await operation.locator('textarea').fill(JSON.stringify({ title: TITLE }));
      await operation.getByRole('button', { name: 'Execute' }).click();
      await operation.locator('.live-responses-table .response-col_status').getByText('200').waitFor();
      await operation.locator('.live-responses-table').getByText(TITLE).first().waitFor();
    });

    const created = (await planner.tasks()).filter(({ id }) => before.every((known) => known.id !== id));
    assert.deepEqual(
      created.map(({ title }) => title),
      [TITLE],
    );
  },
};
