import { isSetByGateway } from './upstream-headers.js';

/** What belongs to the connection between caller and gateway, to their browser session, or to the message. */
const NEVER = /^(?:cookie2?|set-cookie2?|x-correlation-id|http2-settings|(?:content|mcp|proxy)-.*)$/;
/** Who calls the gateway, and how this one request came: a pattern does not mean these. */
const ONLY_BY_NAME =
  /^(?:authorization|user-agent|referer|origin|via|forwarded|accept-language|cache-control|pragma|dnt|priority|range|date|baggage|x-request-id|x-real-ip|x-openwebui-user-jwt|(?:x-forwarded|sec|if|access-control)-.*)$/;

/** Whether a caller's header of this name, in lower case, is passed on to no server, whatever the settings say. */
export function isNeverForwarded(name: string): boolean {
  return NEVER.test(name) || isSetByGateway(name);
}

/** Whether a caller's header of this name, in lower case, is passed on only to a server whose settings spell it out. */
export function isForwardedByNameOnly(name: string): boolean {
  return ONLY_BY_NAME.test(name);
}

/** What the log says where the callers' own Authorization is passed on. */
export const AUTHORIZATION_WARNING =
  'passes the callers\' Authorization on: the MCP specification says that a server "MUST NOT pass through the token it received from the MCP client" (basic/authorization, Token Passthrough); prefer a header of its own';
