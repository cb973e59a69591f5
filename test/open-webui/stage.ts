import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AdminOnly, startAdminOnly } from './admin-only.ts';
import { signIn, type StoredMessage } from './chat.ts';
import type { Cleanup } from './cleanup.ts';
import { type ChatGateway, startChatGateway } from './chat-gateway.ts';
import { type ConfiguredGateway, startConfiguredGateway } from './configured-gateway.ts';
import { type Exchange, observeExchange } from './exchange.ts';
import { freePort } from '../support/network/free-port.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';
import { GRANTED_KEY, type GrantedGateway, startGrantedGateway } from './granted-gateway.ts';
import { GATEWAY_KEY, type GuardedGateway, startGuardedGateway } from './guarded-gateway.ts';
import { type NativeMcp, startNativeMcp } from './native-mcp.ts';
import { installOpenWebUi } from './install.ts';
import { ADMIN, type Person } from './open-webui-environment.ts';
import { type OpenWebUi, startOpenWebUi } from './open-webui.ts';
import { type ObservedPlanner, startObservedPlanner } from './planner.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';

/**
 * Ids of the tool servers that the admin connected: `servers` is the merged document of three servers, `memory` that of one of them;
 * `mcp:native` is a gateway as an MCP server; `granted` is one before a server that each user authorizes; `keyed`, `wrongkey` and `session` are the guarded gateway, with its key, a wrong one, and the session of the person who chats.
 */
export type ToolServerId = 'gateway' | 'lonely' | 'servers' | 'memory' | 'keyed' | 'wrongkey' | 'session' | 'granted' | 'mcp:native';

/** A chat with the tools of one connection; each question gives what came of it. */
export interface ObservedChat {
  ask(question: string): Promise<Exchange>;
}

/**
 * Everything that a scenario plays on: Open WebUI, its model, the gateway in front of the planner, a gateway without an upstream, one
 * with a config file of mcpo, and one that asks who calls.
 */
export interface Stage {
  readonly model: ScriptedModel;
  readonly planner: ObservedPlanner;
  readonly gateway: ObservedGateway;
  /** How `gateway` was started; `gateway.restart(gatewayOptions)` restores it. */
  readonly gatewayOptions: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  /** Where the upstream of the gateway `lonely` would be; nobody ever listened there. */
  readonly lonelyUpstreamUrl: string;
  readonly configured: ConfiguredGateway;
  readonly guarded: GuardedGateway;
  readonly granted: GrantedGateway;
  readonly adminOnly: AdminOnly;
  readonly native: NativeMcp;
  /** The origin whose pages may call `guarded`; nobody serves it. */
  readonly listedPage: string;
  /** A provider of models beside `model`. */
  readonly chat: ChatGateway;
  /** Another Open WebUI, which has that provider alone, asks for titles, tags and follow-ups, and sends no headers of its own. */
  readonly untold: OpenWebUi;
  readonly openWebUi: OpenWebUi;
  /** Whom Open WebUI knows the admin as. */
  readonly userId: string;
  /** Asks, as the admin, in a new chat that has the tools of one gateway (`gateway` unless told). */
  ask(question: string, server?: ToolServerId): Promise<Exchange>;
  /** Asks, as the admin, another model than `model`, without tools of a connection. */
  askModel(modelId: string, question: string): Promise<StoredMessage>;
  /** A new chat that has the tools of one connection. */
  startChat(server: ToolServerId): ObservedChat;
  /** Lets another person in. */
  signIn(person: Person): Promise<ObservedUser>;
}

/** A person who is signed in. */
export interface ObservedUser {
  /** Asks in a new chat that has the tools of one gateway. */
  ask(question: string, server: ToolServerId): Promise<Exchange>;
}

/** Without users' headers nothing tells its requests from others. */
const UNTOLD = {
  ENABLE_FORWARD_USER_INFO_HEADERS: 'False',
  ENABLE_TITLE_GENERATION: 'True',
  ENABLE_TAGS_GENERATION: 'True',
  ENABLE_FOLLOW_UP_GENERATION: 'True',
};

/** Starts it all; what is started goes into `cleanup` at once, so that a failure on the way leaves nothing behind. */
export async function startStage(cleanup: Cleanup): Promise<Stage> {
  const command = await installOpenWebUi();
  const folder = await mkdtemp(path.join(tmpdir(), 'mcpo-proxy-open-webui-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const folderOf = async (name: string) => {
    await mkdir(path.join(folder, name));
    return path.join(folder, name);
  };

  const model = await startScriptedModel();
  cleanup.add(model.close);
  const planner = await startObservedPlanner(await folderOf('planner'));
  cleanup.add(planner.stop);
  const gatewayOptions = { cwd: await folderOf('gateway'), env: { MCP_SERVER_URL: planner.url } };
  const gateway = await startObservedGateway(gatewayOptions);
  cleanup.add(gateway.stop);
  const lonelyUpstreamUrl = `http://127.0.0.1:${await freePort()}`;
  const lonely = await startObservedGateway({ cwd: await folderOf('lonely'), env: { MCP_SERVER_URL: lonelyUpstreamUrl } });
  cleanup.add(lonely.stop);
  const configured = await startConfiguredGateway(await folderOf('configured'));
  cleanup.add(configured.gateway.stop);
  const listedPage = `http://127.0.0.1:${await freePort()}`;
  const guarded = await startGuardedGateway(await folderOf('guarded'), listedPage);
  const headers = { 'X-Teams-Auth-Token': 'teams-{{USER_EMAIL}}' };
  cleanup.add(guarded.stop);
  const granted = await startGrantedGateway(cleanup, await folderOf('granted'));
  const adminOnly = await startAdminOnly(cleanup, command, path.join(folder, 'admin-only'), model);
  const native = await startNativeMcp(await folderOf('native'));
  cleanup.add(native.gateway.stop);
  const chat = await startChatGateway(cleanup, await folderOf('chat'));
  const openWebUi = await startOpenWebUi(cleanup, {
    command,
    folder: await folderOf('open-webui'),
    modelUrl: `${model.url};${chat.gateway.url}/v1`,
    toolServers: [
      { id: 'gateway', name: 'Planner', url: gateway.url },
      { id: 'lonely', name: 'Lonely', url: lonely.url },
      { id: 'servers', name: 'Three servers', url: configured.gateway.url },
      { id: 'memory', name: 'Memory', url: `${configured.gateway.url}/memory` },
      { id: 'keyed', name: 'With a key', url: guarded.gateway.url, auth: { key: GATEWAY_KEY }, headers },
      { id: 'wrongkey', name: 'With a wrong key', url: guarded.gateway.url, auth: { key: 'a-wrong-key' }, headers },
      { id: 'session', name: 'With a session', url: guarded.gateway.url, auth: 'session', headers },
      { id: 'granted', name: 'With grants', url: granted.gateway.url, auth: { key: GRANTED_KEY } },
      { id: 'native', name: 'By MCP', type: 'mcp', url: `${native.gateway.url}/mcp` },
    ],
  });

  const untold = await startOpenWebUi(cleanup, {
    command,
    folder: await folderOf('untold'),
    modelUrl: `${chat.gateway.url}/v1`,
    toolServers: [],
    more: UNTOLD,
  });
  const user = await signIn(openWebUi.url, ADMIN);
  const askModel = (modelId: string, question: string) => user.startChat(undefined, { modelId }).ask(question);
  const observed = async (stored: Promise<StoredMessage>) => observeExchange(await stored, model);
  const ask = (question: string, server: ToolServerId = 'gateway') => observed(user.ask(question, server));
  const startChat = (server: ToolServerId) => {
    const chat = user.startChat(server);
    return { ask: (question: string) => observed(chat.ask(question)) };
  };
  const signInAs = async (person: Person): Promise<ObservedUser> => {
    const other = await signIn(openWebUi.url, person);
    return { ask: (question, server) => observed(other.ask(question, server)) };
  };
  const gateways = {
    chat,
    untold,
    askModel,
    gateway,
    gatewayOptions,
    lonelyUpstreamUrl,
    configured,
    guarded,
    granted,
    adminOnly,
    native,
    listedPage,
  };
  return { model, planner, ...gateways, openWebUi, userId: user.id, ask, startChat, signIn: signInAs };
}
