import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { installDebianPackages } from '../support/installed/debian.ts';
import { ADMIN } from './open-webui-environment.ts';

const CHROMIUM = '/usr/bin/chromium';
const PAGE_TIMEOUT_MS = 60_000;
/** Only on request, so that a test run leaves the repository as it was. */
const folderOfScreenshots = process.env.UPDATE_SCREENSHOT === 'true' ? 'docs/images' : '.cache';

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

/** By URL the session of the admin, who has seen the dialog about what is new: Open WebUI takes fifteen sign-ins in three minutes. */
const sessions = new Map<string, string>();

/** Signs in through the form, once, closes the dialog about what is new, and opens a new chat with one model and one tool server. */
export async function openChat(page: Page, url: string, modelId: string, toolServerId?: string): Promise<void> {
  const token = sessions.get(url);
  if (token === undefined) sessions.set(url, await signIn(page, url));
  else await page.addInitScript((kept) => localStorage.setItem('token', kept), token);
  await page.goto(`${url}/?models=${modelId}${toolServerId === undefined ? '' : `&tools=server:${toolServerId}`}`);
  await page.locator('#chat-input').waitFor();
}

async function signIn(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/auth`);
  await page.locator('input[type=email]').fill(ADMIN.email);
  await page.locator('input[type=password]').fill(ADMIN.password);
  await page.locator('button[type=submit]').click();
  const dialogButton = page.getByRole('button', { name: /okay, let.s go/i });
  await dialogButton.click();
  await dialogButton.waitFor({ state: 'detached' });
  return page.evaluate(() => localStorage.getItem('token') ?? '');
}

/** Types the question as a person does and sends it. */
export async function typeQuestion(page: Page, question: string): Promise<void> {
  await page.locator('#chat-input').click();
  await page.keyboard.type(question);
  await page.locator('#send-message-button').click();
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(folderOfScreenshots, { recursive: true });
  await page.screenshot({ path: path.join(folderOfScreenshots, name), animations: 'disabled' });
}
