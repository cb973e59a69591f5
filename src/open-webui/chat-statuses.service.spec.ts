import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { readSettings } from '../config/read-settings.js';
import { ANONYMOUS, type Principal } from '../correlation/principal.js';
import { ChatStatuses, MAX_ENDINGS } from './chat-statuses.service.js';

Logger.overrideLogger(false);

const KNOWN: Principal = { ...ANONYMOUS, id: 'open-webui', role: 'user', via: 'key' };
const headers = { 'x-openwebui-chat-id': 'chat', 'x-openwebui-message-id': 'message' };
const environment = { OPENWEBUI_URL: 'http://127.0.0.1:1', OPENWEBUI_API_KEY: 'key-of-an-admin' };
const callOf = (principal: Principal) => ({ principal, address: '127.0.0.1', headers });

describe('[S1] statuses in chats', () => {
  it('are not for strangers where callers are known by anything', () => {
    const statuses = new ChatStatuses(readSettings({ ...environment, API_KEYS: 'open-webui:key-of-open-webui' }));
    expect(statuses.of(callOf(ANONYMOUS))).toBeUndefined();
    expect(statuses.of(callOf(KNOWN))).toBeDefined();
  });

  it('are for everybody where callers are not', () => {
    expect(new ChatStatuses(readSettings(environment)).of(callOf(ANONYMOUS))).toBeDefined();
  });
});

describe('[P4] ends that are yet to be told', () => {
  it('are a thousand at the most while Open WebUI does not answer', async () => {
    const server = http.createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const statuses = new ChatStatuses(readSettings({ ...environment, OPENWEBUI_URL: url }));
    for (let call = 0; call < MAX_ENDINGS + 500; call++) {
      const status = statuses.of(callOf(KNOWN));
      status?.report('under way');
      status?.end('done');
    }
    expect(statuses.untold).toBe(MAX_ENDINGS);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await statuses.onModuleDestroy();
    expect(statuses.untold).toBe(0);
  });
});
