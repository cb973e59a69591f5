import { access } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';
import { installDebianPackages } from '../support/debian.ts';
import { ADMIN } from './open-webui-environment.ts';

const CHROMIUM = '/usr/bin/chromium';
const PAGE_TIMEOUT_MS = 60_000;

/** Runs the action on a page of 1280 x 800 in Debian's Chromium, which is installed when it is missing. */
export async function withPage<T>(action: (page: Page) => Promise<T>): Promise<T> {
  await access(CHROMIUM).catch(() => installDebianPackages(['chromium'], `The browser test needs ${CHROMIUM}.`));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PAGE_TIMEOUT_MS);
    return await action(page);
  } finally {
    await browser.close();
  }
}

/** Where the admin has seen the dialog about what is new: it is shown once. */
const seen = new Set<string>();

/** Signs in through the form, closes the dialog about what is new, and opens a new chat with one model and one tool server. */
export async function openChat(page: Page, url: string, modelId: string, toolServerId?: string): Promise<void> {
  await page.goto(`${url}/auth`);
  await page.locator('input[type=email]').fill(ADMIN.email);
  await page.locator('input[type=password]').fill(ADMIN.password);
  await page.locator('button[type=submit]').click();
  if (seen.has(url)) {
    await page.locator('#chat-input').waitFor();
  } else {
    const dialogButton = page.getByRole('button', { name: /okay, let.s go/i });
    await dialogButton.click();
    await dialogButton.waitFor({ state: 'detached' });
    seen.add(url);
  }
  await page.goto(`${url}/?models=${modelId}${toolServerId === undefined ? '' : `&tools=server:${toolServerId}`}`);
}

/** Types the question as a person does and sends it. */
export async function typeQuestion(page: Page, question: string): Promise<void> {
  await page.locator('#chat-input').click();
  await page.keyboard.type(question);
  await page.locator('#send-message-button').click();
}
