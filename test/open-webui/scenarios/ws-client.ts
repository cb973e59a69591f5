import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type * as WsClient from '../../../libs/ws-client/src/index.js';
import { allListed } from '../../support/listed.ts';
import { startGateway } from '../../support/processes.ts';
import { type Exchange, RawMcpServer, textResult, toolOf } from '../../support/raw-mcp-server.ts';
import { TcpProxy } from '../../support/network/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { withPage } from '../browser.ts';
import { Cleanup } from '../cleanup.ts';
import { buildPackage, type PackagePage, servePackage } from '../package-page.ts';
import type { Scenario } from '../scenario.ts';

const KEY = 'key-of-a-page/for+tests';

/** What the page holds. */
declare const window: {
  client: WsClient.McpoClient;
  states: string[];
  progress: number[];
  ends: Record<string, unknown>;
  leaving: AbortController;
};

/** What it all is played on. */
interface Ground {
  readonly server: RawMcpServer;
  /** The calls that the server has. */
  readonly held: Exchange[];
  /** The network between the page and the gateway. */
  readonly network: TcpProxy;
  readonly listed: PackagePage;
  readonly foreign: PackagePage;
}

export const wsClient: Scenario = {
  title:
    '[AC4][E9][WS] a page calls tools through the WebSocket with the built client: progress, abort, and back after its network was away',
  async run() {
    const cleanup = new Cleanup();
    try {
      const ground = await lay(cleanup);
      await withPage(async (page) => {
        await noneForForeignPages(page, ground);
        const urls: string[] = [];
        page.on('websocket', (socket) => urls.push(socket.url()));
        await open(page, ground.listed.origin, ground);
        await callsManyAtOnce(page, ground);
        await leavesACall(page, ground);
        await comesBack(page, ground);
        // The key is in none.
        assert.ok(urls.length >= 2);
        for (const url of urls) assert.equal(url, urlOf(ground));
      });
    } finally {
      assert.deepEqual(await cleanup.run(), []);
    }
  },
};

async function lay(cleanup: Cleanup): Promise<Ground> {
  await buildPackage();
  const held: Exchange[] = [];
  const server = await RawMcpServer.start({ tools: [toolOf('work')], on: { 'tools/call': (exchange) => void held.push(exchange) } });
  cleanup.add(() => server.stop());
  const [listed, foreign] = [await servePackage(), await servePackage()];
  for (const page of [listed, foreign]) cleanup.add(() => Promise.resolve(page.close()));
  const gateway = await startGateway({ env: { MCP_SERVER_URL: server.url, API_KEYS: `page:${KEY}`, CORS_ORIGINS: listed.origin } });
  cleanup.add(async () => void (await gateway.stop()));
  await allListed(gateway.url);
  const network = await TcpProxy.start(gateway.url);
  cleanup.add(() => network.stop());
  return { server, held, network, listed, foreign };
}

const urlOf = ({ network }: Ground): string => `${network.url.replace('http', 'ws')}/v1/ws`;

async function open(page: Page, origin: string, ground: Ground): Promise<void> {
  await page.goto(origin);
  await page.evaluate(
    async ({ url, key, source }) => {
      const { McpoClient } = (await import(source)) as typeof WsClient;
      const states: string[] = [];
      const client = new McpoClient(url, { key, onState: (state) => states.push(state) });
      Object.assign(window, { client, states, progress: [], ends: {}, leaving: new AbortController() });
    },
    { url: urlOf(ground), key: KEY, source: '/index.js' },
  );
}

const statesOf = (page: Page): Promise<string[]> => page.evaluate(() => window.states);

/** Begins a call, whose end is kept in the page under the name. */
function begin(page: Page, name: string): Promise<void> {
  return page.evaluate((name) => {
    const onProgress = ({ progress }: { progress: number }): void => void window.progress.push(progress);
    const note = (end: unknown): void => void (window.ends[name] = end);
    const { client, leaving } = window;
    client.call('work', { name }, { onProgress, ...(name === 'left' && { signal: leaving.signal }) }).then(
      ({ result }) => note(result),
      (error: unknown) => note(String(error)),
    );
  }, name);
}

const endOf = (page: Page, name: string): Promise<unknown> =>
  until(`the end of ${name}`, () => page.evaluate((name) => window.ends[name], name));

const heldOf = ({ held }: Ground, name: string): Promise<Exchange> =>
  until(`the server has ${name}`, () => held.find(({ message }) => message.params?.arguments?.['name'] === name));

async function noneForForeignPages(page: Page, ground: Ground): Promise<void> {
  await open(page, ground.foreign.origin, ground);
  await until('it has tried twice', async () => (await statesOf(page)).filter((state) => state === 'waiting').length >= 2);
  assert.ok(!(await statesOf(page)).includes('open'));
}

async function callsManyAtOnce(page: Page, ground: Ground): Promise<void> {
  await begin(page, 'slow');
  await begin(page, 'quick');
  (await heldOf(ground, 'quick')).result(textResult('{"quick":true}'));
  assert.deepEqual(await endOf(page, 'quick'), { quick: true });
  const slow = await heldOf(ground, 'slow');
  slow.stream(slow.progress(1));
  slow.event(slow.progress(2));
  await until('the progress', () => page.evaluate(() => window.progress.length === 2));
  slow.event(slow.answer(textResult('done')));
  assert.equal(await endOf(page, 'slow'), 'done');
  assert.deepEqual(await page.evaluate(() => window.progress), [1, 2]);
  assert.deepEqual(await page.evaluate(async () => (await window.client.listTools()).map(({ name }) => name)), ['work']);
  assert.deepEqual(await statesOf(page), ['connecting', 'open']);
}

async function leavesACall(page: Page, ground: Ground): Promise<void> {
  await begin(page, 'left');
  await heldOf(ground, 'left');
  await page.evaluate(() => window.leaving.abort());
  assert.match(String(await endOf(page, 'left')), /^AbortError/);
  await until('the server is told', () => ground.server.received('notifications/cancelled').length === 1);
}

async function comesBack(page: Page, ground: Ground): Promise<void> {
  await begin(page, 'before');
  const before = await heldOf(ground, 'before');
  ground.network.refuse(true);
  ground.network.cut();
  await until('it waits', async () => (await statesOf(page)).includes('waiting'));
  before.result(textResult('kept'));
  await begin(page, 'meanwhile');
  ground.network.refuse(false);
  (await heldOf(ground, 'meanwhile')).result(textResult('sent later'));
  assert.deepEqual([await endOf(page, 'before'), await endOf(page, 'meanwhile')], ['kept', 'sent later']);
  assert.equal(ground.server.received('tools/call').length, 5);
  assert.equal((await statesOf(page)).filter((state) => state === 'open').length, 2);
}
