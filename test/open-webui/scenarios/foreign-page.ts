import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { withPage } from '../browser.ts';
import { GATEWAY_KEY } from '../guarded-gateway.ts';
import type { Scenario } from '../scenario.ts';

export const foreignPage: Scenario = {
  title: '[S2] a page of a listed origin reads answers and refusals, one of another origin nothing, and calls nothing',
  async run({ guarded, listedPage }) {
    const { url } = guarded.gateway;
    const listed = await servePage(Number(new URL(listedPage).port));
    const foreign = await servePage(0);
    try {
      await withPage(async (page) => {
        assert.deepEqual(await callFrom(page, listed.url, url, GATEWAY_KEY), { status: 200, hasCorrelationId: true });
        assert.deepEqual(await callFrom(page, listed.url, url, 'a-wrong-key-for-tests'), { status: 401, hasCorrelationId: true });
        const before = await guarded.executions();
        assert.equal(await callFrom(page, foreign.url, url, GATEWAY_KEY), 'TypeError: Failed to fetch');
        assert.deepEqual(await guarded.executions(), before);
      });
    } finally {
      listed.close();
      foreign.close();
    }
  },
};

/** An empty page on 127.0.0.1. */
async function servePage(port: number): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!DOCTYPE html><title>A page</title>'));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** What a script of that page sees of a call. */
async function callFrom(page: Page, pageUrl: string, url: string, key: string): Promise<unknown> {
  await page.goto(pageUrl);
  return page.evaluate(callTool, { url, key });
}

/** Runs in the page. */
async function callTool({ url, key }: { url: string; key: string }): Promise<unknown> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-teams-auth-token': 'teams-page' };
  try {
    const response = await fetch(`${url}/v1/tools/list_plans`, { method: 'POST', headers, body: '{}' });
    await response.json();
    return { status: response.status, hasCorrelationId: response.headers.has('x-correlation-id') };
  } catch (error) {
    return String(error);
  }
}
