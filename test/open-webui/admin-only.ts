import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { allListed } from '../support/listed.ts';
import { requestOf, signedIn, signIn, type StoredMessage } from './chat.ts';
import type { Cleanup } from './cleanup.ts';
import { type Exchange, observeExchange } from './exchange.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';
import { ADMIN, connectionOf, type Person, type ToolServer } from './open-webui-environment.ts';
import { startOpenWebUi } from './open-webui.ts';
import type { ScriptedModel } from './scripted-model.ts';

export const OPERATOR: Person = { name: 'Olga Operator', email: 'olga@example.test', password: 'a-password-for-olga' };
export const MEMBER: Person = { name: 'Max Member', email: 'max@example.test', password: 'a-password-for-max' };

const GROUP = 'Operators';
const KEYS = { byRole: 'key-for-all-by-their-role', operators: 'key-for-the-operators', everybody: 'key-for-everybody' } as const;

/** The files of keys of docs/authentication.md, "Tools for admins only" and "Tools for a group", in one. */
const KEYS_FILE = {
  keys: [
    { name: 'open-webui', key: KEYS.byRole, role: 'admin', groups: [GROUP], trustUserHeaders: true },
    { name: 'operators', key: KEYS.operators, role: 'admin' },
    { name: 'everybody', key: KEYS.everybody },
  ],
  roles: { user: { tools: { deny: ['create_*'] } } },
  groups: { [GROUP]: {}, '*': { tools: { deny: ['list_tasks'] } } },
};

/** A connection for all, judged by their roles; one that says their groups, too; one of the group alone; one for everybody. */
export type Connection = 'byrole' | 'bygroup' | 'operators' | 'everybody';

/** Open WebUI with plain user headers, and a gateway behind it of which some tools are for admins only. */
export interface AdminOnly {
  readonly gateway: ObservedGateway;
  /** Asks in a new chat with the tools of one connection. */
  ask(person: Person, question: string, connection: Connection): Promise<Exchange>;
}

/** Starts both; the operator is a member of the group, the member is not. */
export async function startAdminOnly(cleanup: Cleanup, command: string, folder: string, model: ScriptedModel): Promise<AdminOnly> {
  await mkdir(folder);
  const file = path.join(folder, 'keys.json');
  await writeFile(file, JSON.stringify(KEYS_FILE));
  const gateway = await startObservedGateway({ cwd: folder, env: { API_KEYS_FILE: file } });
  cleanup.add(gateway.stop);
  await allListed(gateway.url);
  const connection = (id: Connection, key: string): ToolServer => ({ id, name: id, url: gateway.url, auth: { key } });
  const byGroup = { ...connection('bygroup', KEYS.byRole), headers: { 'X-OpenWebUI-User-Groups': '{{USER_GROUPS}}' } };
  const open = [connection('byrole', KEYS.byRole), byGroup, connection('everybody', KEYS.everybody)];
  const options = { command, folder: path.join(folder, 'open-webui'), modelUrl: model.url, toolServers: open, signsUsers: false };
  await mkdir(options.folder);
  const { url } = await startOpenWebUi(cleanup, options);
  const users = new Map(await Promise.all([ADMIN, OPERATOR, MEMBER].map(async (person) => [person, await signIn(url, person)] as const)));
  const { token } = await signedIn(url, ADMIN);
  const group = await requestOf<{ id: string }>(`${url}/api/v1/groups/create`, { token, body: { name: GROUP, description: '' } });
  await requestOf(`${url}/api/v1/groups/id/${group.id}/users/add`, { token, body: { user_ids: [users.get(OPERATOR)?.id] } });
  const ofGroup = connectionOf(connection('operators', KEYS.operators), { principal_type: 'group', principal_id: group.id });
  const all = [...open.map((server) => connectionOf(server)), ofGroup];
  await requestOf(`${url}/api/v1/configs/tool_servers`, { token, body: { TOOL_SERVER_CONNECTIONS: all } });
  const observed = async (stored: Promise<StoredMessage> | undefined) => observeExchange((await stored) as StoredMessage, model);
  return { gateway, ask: (person, question, id) => observed(users.get(person)?.ask(question, id)) };
}
