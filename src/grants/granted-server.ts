import type { PersonGrantSettings } from '@app/mcp-transport';
import type { HttpUpstreamSettings } from '../config/upstream-settings.js';

/** A server whose tokens a person grants. */
export type GrantedServer = HttpUpstreamSettings & { readonly oauth: PersonGrantSettings };

/** Whether a person grants its tokens. */
export function isGranted(server: { readonly kind: string }): server is GrantedServer {
  return server.kind === 'http' && (server as HttpUpstreamSettings).oauth?.kind === 'person';
}

/** Whether each user does so for themselves. */
export function isUsers(server: { readonly kind: string }): server is GrantedServer {
  return isGranted(server) && server.oauth.per === 'user';
}

/** What an authorization of it depends on. */
export function settingsOf({ url, oauth, tls, proxies }: GrantedServer): string {
  return JSON.stringify([url.href, oauth, tls, proxies]);
}

/** A grant is for one address: a server that gets another one gets no token of it. */
export function partsOf({ name, url }: GrantedServer, owner: string): string[] {
  return [name, url.href, owner];
}
