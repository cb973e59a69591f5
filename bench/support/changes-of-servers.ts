import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toolOf, TWENTY_THOUSAND_TOOLS } from '../../test/support/schemas/hard-schemas.ts';
import { listAsWritten, RawMcpServer } from '../../test/support/raw-mcp-server.ts';
import { WatchedGateway } from './measured/watched-gateway.ts';

/** Milliseconds of the longest turn while a list came and was taken in, its documents were read, and its tools were called. */
export interface Turns {
  readonly listed: number;
  readonly published: number;
  readonly called: number;
}

const LONG = listAsWritten(`[${TWENTY_THOUSAND_TOOLS.join(',')}]`);
const SHORT = listAsWritten(`[${toolOf('warm', '{"type":"object","properties":{"a":{"type":["string","null"]}}}')}]`);
const TOKEN = 'x-teams-auth-token';

/** Of a server that lists twenty thousand tools to one caller, and nothing to who brings no credentials. */
export async function turnsOfPrivateList(): Promise<Turns> {
  const server = await RawMcpServer.start({
    guard: (exchange) => {
      if (exchange.headers[TOKEN] === undefined) exchange.send(401);
      return exchange.headers[TOKEN] !== undefined;
    },
    on: { 'tools/list': (exchange) => (exchange.headers[TOKEN] === 'long' ? LONG : SHORT)(exchange) },
  });
  const gateway = await WatchedGateway.start({ MCP_SERVER_URL: server.url });
  const [short, long] = [{ [TOKEN]: 'short' }, { [TOKEN]: 'long' }];
  try {
    await gateway.asking();
    await gateway.publish(short);
    await gateway.call(['warm'], short);
    await gateway.longestTurn();
    await gateway.listed([TWENTY_THOUSAND_TOOLS.length], long);
    const listed = await gateway.longestTurn();
    await gateway.publish(long);
    const published = await gateway.longestTurn();
    await gateway.call(['tool_0'], long);
    return { listed, published, called: await gateway.longestTurn() };
  } finally {
    await gateway.stop();
    await server.stop();
  }
}

/** Of a reload where there is a server with twenty thousand tools: its settings change, or only another server comes. */
export async function turnsOfReload(isChanged: boolean): Promise<Turns> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-reload-'));
  const [long, short] = [
    await RawMcpServer.start({ on: { 'tools/list': LONG } }),
    await RawMcpServer.start({ on: { 'tools/list': SHORT } }),
  ];
  const file = path.join(folder, 'servers.json');
  const write = (longSettings: object, others: object) =>
    writeFileSync(file, JSON.stringify({ mcpServers: { long: { url: long.url, ...longSettings }, short: { url: short.url }, ...others } }));
  write({}, {});
  const gateway = await WatchedGateway.start({}, ['--config', file]);
  const count = TWENTY_THOUSAND_TOOLS.length;
  try {
    await gateway.listed([count, 1]);
    await gateway.publish();
    await gateway.call(['long_tool_0', 'short_warm']);
    await gateway.longestTurn();
    if (isChanged) write({ disabledTools: ['tool_7'] }, {});
    else write({}, { other: { url: short.url } });
    gateway.reload();
    await gateway.listed(isChanged ? [count - 1, 1] : [count, 1, 1]);
    const listed = await gateway.longestTurn();
    await gateway.publish();
    const published = await gateway.longestTurn();
    await gateway.call(['long_tool_0', 'short_warm']);
    return { listed, published, called: await gateway.longestTurn() };
  } finally {
    await gateway.stop();
    await Promise.all([long.stop(), short.stop()]);
    rmSync(folder, { recursive: true });
  }
}
