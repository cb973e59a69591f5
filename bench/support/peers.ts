import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AMPLE_LIMITS } from '../../test/support/ample-limits.ts';
import { freePort } from '../../test/support/network/free-port.ts';
import { packaged } from '../../test/support/installed/server-everything.ts';
import { until } from '../../test/support/until.ts';
import { ECHO_ARGUMENTS, ECHO_TEXT } from './echo-tool.ts';
import type { LoadRequest } from './load/load.ts';
import { type LoggedProcess, startLogged, startLoggedGateway, startProgram } from './logged-process.ts';
import { installMcpo } from './mcpo-install.ts';

/** A gateway that serves mcpo's config file. */
export interface Peer {
  readonly name: 'mcpo' | 'gateway';
  readonly process: LoggedProcess;
}

/** A call, the same for both, and the JSON that answers it. */
export interface PeerCall {
  readonly server: string;
  readonly tool: string;
  readonly body: string;
  readonly answer: unknown;
}

export const HTTP_CALL: PeerCall = { server: 'http', tool: 'echo', body: ECHO_ARGUMENTS, answer: JSON.parse(ECHO_TEXT) };
export const STDIO_CALL: PeerCall = { server: 'stdio', tool: 'echo', body: '{"message":"hello"}', answer: 'Echo: hello' };

export interface Peers {
  readonly mcpo: Peer;
  readonly gateway: Peer;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** Starts the raw upstream, and mcpo and the built gateway with one config file: that upstream, and server-everything over stdio. */
export async function startPeers(): Promise<Peers> {
  const command = await installMcpo();
  const upstream = await startLogged('bench/support/servers/raw-upstream.ts');
  const file = configFile(upstream.url);
  const mcpo: Peer = { name: 'mcpo', process: await startMcpo(command, file) };
  const options = { args: ['--config', file], env: { PORT: '0', ...AMPLE_LIMITS } };
  const gateway: Peer = { name: 'gateway', process: await startLoggedGateway(options) };
  return { mcpo, gateway, stop: () => stopAll([mcpo.process, gateway.process, upstream]) };
}

/** As mcpo has it: `POST /{server}/{tool}`. */
export function peerRequest({ process }: Peer, { server, tool, body }: PeerCall): LoadRequest {
  return { url: `${process.url}/${server}/${tool}`, body, accept: 'application/json' };
}

/** Resolves when the peer serves the tool; rejects when it answers the call in another way than the other one does. */
export async function checkPeer(peer: Peer, call: PeerCall): Promise<void> {
  const document = `${peer.process.url}/${call.server}/openapi.json`;
  const isPublished = async () => (await (await fetch(document)).text()).includes(`"/${call.tool}"`);
  await until(`${peer.name} publishes ${call.tool} of ${call.server}`, isPublished, READY_TIMEOUT_MS);
  const { url, body } = peerRequest(peer, call);
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  assert.deepEqual({ status: response.status, answer: await response.json() }, { status: 200, answer: call.answer }, peer.name);
}

async function startMcpo(command: string, file: string): Promise<LoggedProcess> {
  const port = await freePort();
  return startProgram(command, ['--host', '127.0.0.1', '--port', String(port), '--config', file], `http://127.0.0.1:${port}`);
}

/** By SIGTERM, as a last resort by SIGKILL. */
async function stopAll(processes: readonly LoggedProcess[]): Promise<void> {
  const lastResort = setTimeout(() => processes.forEach((process) => void process.stop('SIGKILL')), STOP_TIMEOUT_MS);
  await Promise.all(processes.map((process) => process.stop()));
  clearTimeout(lastResort);
}

/** It is there until this process ends. */
function configFile(upstreamUrl: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-mcpo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'mcp.json');
  const mcpServers = {
    [HTTP_CALL.server]: { type: 'streamable-http', url: `${upstreamUrl}/mcp` },
    [STDIO_CALL.server]: { command: process.execPath, args: [packaged('server-everything')] },
  };
  writeFileSync(file, JSON.stringify({ mcpServers }));
  return file;
}
