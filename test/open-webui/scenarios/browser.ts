import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openChat, typeQuestion, withPage } from '../browser.ts';
import { SPOKEN_ANSWER, SPOKEN_ARGUMENTS, SPOKEN_QUESTION } from '../model-script.ts';
import { MODEL_ID } from '../scripted-model.ts';
import type { Scenario } from '../scenario.ts';

/** Only on request, so that a test run leaves the repository as it was. */
const SCREENSHOT = process.env.UPDATE_SCREENSHOT === 'true' ? 'docs/images/open-webui.png' : '.cache/open-webui.png';

export const browser: Scenario = {
  title: '[AC1] [AC2] [T3] a person asks in the browser and reads the answer',
  async run({ openWebUi, planner }) {
    const before = await planner.tasks();

    await withPage(async (page) => {
      await openChat(page, openWebUi.url, MODEL_ID, 'gateway');
      await typeQuestion(page, SPOKEN_QUESTION);
      await page.getByText(SPOKEN_ANSWER).waitFor();
      await page.getByRole('button', { name: /copy/i }).last().waitFor(); // shown once the answer is complete
      await page.getByText('View Result from create_task').click();
      await page.getByText('"due_date": "2025-10-17"').first().waitFor();
      await mkdir(path.dirname(SCREENSHOT), { recursive: true });
      await page.screenshot({ path: SCREENSHOT, animations: 'disabled' });
    });

    const tasks = await planner.tasks();
    const created = tasks.filter(({ id }) => before.every((known) => known.id !== id));
    assert.deepEqual(created, [{ ...created[0], ...SPOKEN_ARGUMENTS }]);
  },
};
