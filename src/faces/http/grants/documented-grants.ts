/** The grants as documents describe them. */
export const ownGrantsSchema = {
  schema: {
    type: 'object',
    required: ['grants'],
    properties: {
      grants: {
        type: 'array',
        items: {
          type: 'object',
          required: ['server', 'owner', 'grantedAt'],
          properties: {
            server: { type: 'string' },
            owner: { type: 'string', description: 'Whose it is: `operator`, or how the gateway names the caller.' },
            scope: { type: 'string' },
            grantedAt: { type: 'string', format: 'date-time' },
            expiresAt: {
              type: 'string',
              format: 'date-time',
              description: 'Of the access token, which is refreshed where `refreshable` says so.',
            },
            refreshable: { type: 'boolean' },
          },
        },
      },
    },
  },
  example: {
    grants: [{ server: 'issues', owner: '["key","owui","ann"]', scope: 'read', grantedAt: '2025-10-15T09:30:00.000Z', refreshable: true }],
  },
};

export const grantLinkSchema = {
  schema: {
    type: 'object',
    required: ['url'],
    properties: { url: { type: 'string', format: 'uri', description: 'For the caller alone, once, within 10 minutes.' } },
  },
  example: { url: 'https://tools.example/oauth/authorize/tBPRDaQLPVtFYr2KQpCFeQ' },
};

export const revokedGrantSchema = {
  schema: {
    type: 'object',
    required: ['server', 'revoked'],
    properties: {
      server: { type: 'string' },
      revoked: { type: 'boolean', description: 'Whether its authorization server took it back; it is forgotten in any case.' },
    },
  },
  example: { server: 'issues', revoked: true },
};
