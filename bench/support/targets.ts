import { setTimeout as sleep } from 'node:timers/promises';
import { AMPLE_LIMITS } from '../../test/support/ample-limits.ts';
import { ECHO_ARGUMENTS, ECHO_TEXT } from './echo-tool.ts';
import { type LoadRequest } from './load/load.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './logged-process.ts';

export type AnswerKind = 'json' | 'sse';

/** Something that answers the same call: the gateway, or what it is compared with. */
export interface Target {
  readonly name: 'floor' | 'gateway' | 'upstream';
  readonly answers: AnswerKind;
  readonly process: LoggedProcess;
  readonly request: LoadRequest;
}

/** The key of the gateway. */
export const KEY = 'key-of-the-bench';
const ACCEPT = 'application/json, text/event-stream';
const READY_TIMEOUT_MS = 20_000;

/** Starts the raw upstream of that kind of answer, and the floor and the gateway in front of it. */
export async function startTargets(answers: AnswerKind): Promise<Target[]> {
  const upstream = await startUpstream(answers);
  return [await startFloorTarget(upstream), await startGatewayTarget(upstream), upstream];
}

export async function startFloorTarget({ answers, process: { url } }: Target): Promise<Target> {
  const process = await startLogged('bench/support/servers/floor.ts', { args: [url] });
  return { name: 'floor', answers, process, request: toolRequest(process.url) };
}

/** The raw upstream, called as the gateway calls it. */
export async function startUpstream(answers: AnswerKind): Promise<Target> {
  const process = await startLogged('bench/support/servers/raw-upstream.ts', { args: answers === 'sse' ? ['--sse'] : [] });
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${ECHO_ARGUMENTS}}}`;
  return { name: 'upstream', answers, process, request: { url: `${process.url}/mcp`, body, accept: ACCEPT } };
}

/** The built gateway in front of that upstream, which asks for a key and counts every call, otherwise with its default settings, once it publishes the tool. */
export async function startGatewayTarget(upstream: Target, nodeArgs: readonly string[] = [], script?: string): Promise<Target> {
  const env = { PORT: '0', MCP_SERVER_URL: upstream.request.url, API_KEYS: `bench:${KEY}`, ...AMPLE_LIMITS };
  const process = await startLoggedGateway({ nodeArgs, env }, script);
  await untilPublished(process.url);
  return { name: 'gateway', answers: upstream.answers, process, request: { ...toolRequest(process.url), authorization: `Bearer ${KEY}` } };
}

/** Throws unless one call of the target is answered with 200 and with the upstream's text in it. */
export async function checkAnswer({ name, request }: Pick<Target, 'request'> & { readonly name: string }): Promise<void> {
  const { accept: Accept, authorization } = request;
  const headers = { 'Content-Type': 'application/json', Accept, ...(authorization !== undefined && { authorization }), ...request.headers };
  const response = await fetch(request.url, { method: 'POST', headers, body: request.body });
  const text = await response.text();
  if (response.status !== 200 || !holdsEchoText(text)) throw new Error(`The ${name} answers ${response.status}: ${text}`);
}

function toolRequest(url: string): LoadRequest {
  return { url: `${url}/v1/tools/echo`, body: ECHO_ARGUMENTS, accept: 'application/json' };
}

/** As the item's value, or as a string inside an MCP message. */
function holdsEchoText(text: string): boolean {
  return text.includes(ECHO_TEXT) || text.includes(JSON.stringify(ECHO_TEXT));
}

export async function untilPublished(url: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const document = await fetch(`${url}/openapi.json`).then((response) => response.text());
    if (document.includes('/echo"')) return;
    await sleep(50);
  }
  throw new Error('The gateway does not publish the tool of the upstream.');
}
