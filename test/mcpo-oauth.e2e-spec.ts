import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  AUTHORIZATION_SERVERS,
  type AuthorizationServer,
  PersonDemand,
  startAuthorizationServer,
} from './support/authorization/authorization-server.js';
import { Browser } from './support/authorization/browser.js';
import { GATEWAY } from './support/built.js';
import { closesAfterEach } from './support/ends.js';
import { get, jsonAnswer, post, told } from './support/exchange.js';
import { freePort } from './support/network/free-port.js';
import { opensForFile } from './support/process/opening-process.js';
import { type RunningProcess, startGateway } from './support/processes.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const issuers = opensForFile(AUTHORIZATION_SERVERS);
const folder = temporaryFolder();

/** As mcpo's README has them, but for addresses and ports. */
const BASIC = `{
  "mcpServers": {
    "oauth-protected-server": {
      "type": "streamable-http",
      "url": "http://localhost:8000/mcp",
      "oauth": {
        "server_url": "http://localhost:8000"
      }
    }
  }
}`;
const STATIC = `{
  "mcpServers": {
    "legacy-oauth-server": {
      "type": "streamable-http", 
      "url": "http://api.example.com/mcp",
      "oauth": {
        "server_url": "http://api.example.com",
        "client_metadata": {
          "client_name": "My MCPO Client",
          "redirect_uris": ["http://localhost:3030/callback"]
        }
      }
    }
  }
}`;
/** All that it has options for, and two servers that share the port. */
const ALL = `{
  "mcpServers": {
    "one": {
      "type": "streamable-http",
      "url": "http://localhost:8000/mcp",
      "oauth": {
        "server_url": "http://localhost:8000",
        "storage_type": "file",
        "callback_port": 3030,
        "use_loopback": true,
        "client_metadata": { "client_name": "One", "token_endpoint_auth_method": "client_secret_post" }
      }
    },
    "other": {
      "type": "streamablehttp",
      "url": "http://localhost:8000/mcp",
      "oauth": { "server_url": "http://localhost:8000", "storage_type": "memory", "callback_port": 3030 }
    }
  }
}`;
const PASTED = BASIC.replace('"server_url"', '"use_loopback": false, "callback_port": 3030, "storage_type": "memory", "server_url"');

const pathOf = ({ PATH = '', HOME = '' }: NodeJS.ProcessEnv) => ({ PATH, HOME });

interface Shown {
  readonly name: string;
  readonly state: string;
  readonly authorizeUrl?: string;
}

describe('[AC8][ENV] a configuration of mcpo with `oauth` runs unchanged', () => {
  let issuer: AuthorizationServer;
  let server: RawMcpServer;
  let demand: PersonDemand;
  let port: number;
  let config: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    issuer = closing(await startAuthorizationServer(issuers));
    demand = new PersonDemand(issuer.url);
    server = closing(await RawMcpServer.start({ guard: demand.guard, path: '/mcp' }));
    demand.of(server);
    port = await freePort();
    config = path.join(folder(), 'config.json');
    env = { STATE_ENCRYPTION_KEY: 'k'.repeat(32), XDG_STATE_HOME: folder() };
  });

  const start = async (text: string) => {
    const written = text
      .replaceAll(/"server_url": "[^"]*"/g, `"server_url": "${issuer.url}"`)
      .replaceAll(/"url": "[^"]*"/g, `"url": "${server.url}"`)
      .replaceAll('3030', String(port));
    writeFileSync(config, written);
    return closing(await startGateway({ args: ['--config', config], env }));
  };
  const report = async ({ url }: RunningProcess) => (JSON.parse((await get(url, '/v1/servers')).text) as { servers: Shown[] }).servers;
  const shown = async (gateway: RunningProcess, name: string) => (await report(gateway)).find((each) => each.name === name);
  const link = (gateway: RunningProcess, name: string) => until('there is a link', async () => (await shown(gateway, name))?.authorizeUrl);
  const comesUp = async (gateway: RunningProcess, name: string) => {
    await until('it is up', async () => (await shown(gateway, name))?.state === 'up');
    await until('its tools are known', async () => (await get(gateway.url, `/${name}/openapi.json`)).text.includes('/work"'));
  };
  const redirectOf = (url: string) => new URL(url).searchParams.get('redirect_uri');
  /** At mcpo's own route. */
  const call = async ({ url }: RunningProcess, name: string) => told(await post(url, `/${name}/work`, {}));
  const authorize = async (gateway: RunningProcess, name: string) => {
    const url = await link(gateway, name);
    expect((await new Browser('ann').open(url)).status).toBe(200);
    await comesUp(gateway, name);
    expect(await call(gateway, name)).toEqual(jsonAnswer('"done"'));
    return url;
  };

  it('with the block that most need; without a browser, and without a port of its own', async () => {
    const gateway = await start(BASIC);
    const url = await authorize(gateway, 'oauth-protected-server');
    expect(redirectOf(url)).toBe(`${gateway.url.replace(/\/\/[^:]+/, '//localhost')}/oauth/callback`);
    expect(demand.callers).toEqual(['ann']);
    await gateway.stop('SIGKILL');
    const again = closing(await startGateway({ args: ['--config', config], env }));
    await comesUp(again, 'oauth-protected-server');
    expect(await call(again, 'oauth-protected-server')).toEqual(jsonAnswer('"done"'));
  });

  it('with metadata of a client, and the address that they name', async () => {
    const gateway = await start(STATIC);
    expect(redirectOf(await authorize(gateway, 'legacy-oauth-server'))).toBe(`http://localhost:${port}/callback`);
    const redirect_uris = [`http://localhost:${port}/callback`];
    expect(await issuer.registered()).toMatchObject([{ client_name: 'My MCPO Client', redirect_uris }]);
  });

  it('with all its options, for two servers that share a port; `memory` is asked for again after a restart', async () => {
    const gateway = await start(ALL);
    for (const name of ['one', 'other']) expect(redirectOf(await authorize(gateway, name))).toBe(`http://localhost:${port}/callback`);
    const registered = (await issuer.registered()).find(({ client_name: name }) => name === 'One');
    expect(registered?.['token_endpoint_auth_method']).toBe('client_secret_post');
    await until('nothing listens there any more', () =>
      fetch(`http://127.0.0.1:${port}/callback`).then(
        () => undefined,
        () => true,
      ),
    );
    await gateway.stop();
    const again = closing(await startGateway({ args: ['--config', config], env }));
    await comesUp(again, 'one');
    await link(again, 'other');
    expect((await shown(again, 'other'))?.state).toBe('needs_authorization');
  });

  it('without listening where it says so: the address that the browser ends on is pasted', async () => {
    const gateway = await start(STATIC.replace('"client_metadata"', '"use_loopback": false, "client_metadata"'));
    const name = 'legacy-oauth-server';
    await link(gateway, name);
    const child = spawn(process.execPath, [GATEWAY, 'authorize', name, '--config', config], { env: { ...pathOf(process.env), ...env } });
    const said: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => said.push(line.trim()));
    const exited = once(child, 'exit');
    const url = await until('there is a link', () => said.find((line) => line.startsWith(issuer.url)));
    const { url: back } = await new Browser('ann').open(url, (at) => at.port === String(port));
    await expect(fetch(back)).rejects.toThrow();
    child.stdin.write(`${back}\n`);
    expect([await exited, said.at(-1)]).toEqual([[0, null], `Authorized: "${name}".`]);
    await comesUp(gateway, name);
    expect(await call(gateway, name)).toEqual(jsonAnswer('"done"'));
  });

  it('without a port where it says so', async () => {
    const gateway = await start(PASTED);
    const url = await authorize(gateway, 'oauth-protected-server');
    expect(redirectOf(url)).toBe(`${gateway.url.replace(/\/\/[^:]+/, '//localhost')}/oauth/callback`);
    await expect(fetch(`http://127.0.0.1:${port}/callback`)).rejects.toThrow();
  });
});
