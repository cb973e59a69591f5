/**
 * What the suite runs as the client: `node test/conformance/client.ts URL`, with the scenario's name and revision in the environment. Puts the built gateway in
 * front of the suite's server at URL, and does with the gateway what the scenario is about.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startGateway } from '../support/processes.ts';
import { driveOf, type Scene } from './client/drives.ts';
import { entryOf } from './client/server-entry.ts';

const [, , serverUrl = ''] = process.argv;
const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_PROTOCOL_VERSION: revision = '', MCP_CONFORMANCE_CONTEXT } = process.env;
const context = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}') as Scene['context'];

const folder = mkdtempSync(path.join(tmpdir(), 'conformance-'));
const config = path.join(folder, 'servers.json');
writeFileSync(config, JSON.stringify({ mcpServers: { suite: { url: serverUrl, ...entryOf(scenario, context) } } }));
const gateway = await startGateway({ args: ['--config', config], cwd: folder, env: { LOG_LEVEL: 'debug', XDG_STATE_HOME: folder } });
try {
  await driveOf(scenario)({ gatewayUrl: gateway.url, revision, context });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await gateway.stop();
  console.error(gateway.stdout.join('\n'));
  rmSync(folder, { recursive: true, force: true });
}
