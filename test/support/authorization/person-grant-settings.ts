import type { PersonGrantSettings } from '@app/mcp-transport';

/** A server whose tokens whoever runs the gateway grants, where nothing else is said, and everything is on this machine. */
export const OPERATORS: PersonGrantSettings = {
  kind: 'person',
  per: 'operator',
  clientId: undefined,
  clientSecret: undefined,
  clientMetadataUrl: undefined,
  clientMetadata: {},
  redirectUrl: undefined,
  usesLoopback: true,
  serverUrl: undefined,
  isKept: true,
  issuer: undefined,
  scope: undefined,
  resource: undefined,
  authentication: undefined,
  allowPrivateAddresses: true,
};

/** The same where each user grants their own. */
export const USERS: PersonGrantSettings = { ...OPERATORS, per: 'user' };
