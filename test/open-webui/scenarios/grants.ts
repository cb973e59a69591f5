import assert from 'node:assert/strict';
import type { Browser as BrowserOfPages, Page } from 'playwright-core';
import { Browser } from '../../support/authorization/browser.ts';
import { until } from '../../support/until.ts';
import { openChat, screenshot, typeQuestion, withPage } from '../browser.ts';
import { errorBodyOf, type Exchange } from '../exchange.ts';
import type { Person } from '../open-webui-environment.ts';
import type { Scenario } from '../scenario.ts';
import { MODEL_ID } from '../scripted-model.ts';

const CAROL: Person = { name: 'Carol', email: 'carol@example.test', password: 'a-password-for-carol' };
const DAN: Person = { name: 'Dan', email: 'dan@example.test', password: 'a-password-for-dan' };
const QUESTION = 'call:notes_my_notes {}';

export const grantInBrowser: Scenario = {
  title: '[AC8] [T3] a server that acts for its user: the link in the chat, sign-in and consent in the browser, and the next call works',
  async run({ openWebUi, granted, model }) {
    await withPage(async (page) => {
      await openChat(page, openWebUi.url, MODEL_ID, 'granted');
      await typeQuestion(page, QUESTION);
      const link = await until('the link is in the chat', async () => LINK.exec(await page.locator('body').innerText())?.[0]);
      await authorize(await (page.context().browser() as BrowserOfPages).newPage(), link, 'admin', 'The gateway may use "notes" now.');
      await typeQuestion(page, QUESTION);
      await page.getByText(/RESULT .*Notes of admin/).waitFor();
      assert.match(JSON.stringify(model.requests.at(-1)?.messages.at(-1)), /Notes of admin/);
      assert.equal(granted.callers.at(-1), 'admin');
    });
  },
};

export const grantsOfTwoUsers: Scenario = {
  title:
    '[AC8] [S7] [T3] two users at one server that acts for its users: each authorizes it and sees their own data, and nobody by another’s link',
  async run({ signIn, granted }) {
    const [carol, dan] = [await signIn(CAROL), await signIn(DAN)];
    const before = granted.callers.length;
    const linkOf = (exchange: Exchange) => {
      const { error } = errorBodyOf(exchange, 403);
      const { reason, url } = (error as { details?: { reason: string; url: string } }).details ?? { reason: '', url: '' };
      assert.equal(reason, 'authorization_required');
      return url;
    };
    const [carols, dans] = [linkOf(await carol.ask(QUESTION, 'granted')), linkOf(await dan.ask(QUESTION, 'granted'))];
    assert.notEqual(carols, dans);
    const stranger = await new Browser('dan').open(carols);
    assert.equal(stranger.status, 403);
    assert.match(stranger.text, /signed in as another user than carol@example\.test/);
    linkOf(await dan.ask(QUESTION, 'granted'));
    assert.equal((await new Browser('dan').open(dans)).status, 200);
    assert.match((await dan.ask(QUESTION, 'granted')).toolResult, /Notes of dan/);
    const again = linkOf(await carol.ask(QUESTION, 'granted'));
    assert.equal((await new Browser('carol').open(again)).status, 200);
    assert.match((await carol.ask(QUESTION, 'granted')).toolResult, /Notes of carol/);
    assert.match((await dan.ask(QUESTION, 'granted')).toolResult, /Notes of dan/);
    assert.deepEqual(granted.callers.slice(before), ['dan', 'carol', 'dan']);
  },
};

const LINK = /http:\/\/127\.0\.0\.1:\d+\/oauth\/authorize\/[\w-]{43}/;

/** Goes on from the gateway's page, signs in wherever that is asked for, consents, and ends on the gateway's page. */
async function authorize(page: Page, link: string, name: string, end: string): Promise<void> {
  await page.goto(link, { waitUntil: 'domcontentloaded' });
  await screenshot(page, 'grant-link.png');
  await page.getByRole('button', { name: 'Authorize' }).click();
  const ended = page.getByText(end);
  const login = page.locator('input[name=login]');
  const consent = page.locator('button[type=submit]');
  await until('the browser is back', async () => {
    await ended.or(login).or(consent).first().waitFor();
    if (await ended.isVisible()) return true;
    if (await login.isVisible()) {
      await login.fill(name);
      await page.locator('input[name=password]').fill('any');
    }
    await consent.click();
    await page.waitForLoadState('domcontentloaded');
    return false;
  });
  assert.match(page.url(), /\/oauth\/callback\?/);
  await screenshot(page, 'grant-done.png');
}
