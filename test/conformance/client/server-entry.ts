import type { Scene } from './drives.ts';

/** The address by which the suite knows the client's metadata document. */
const METADATA_URL = 'https://conformance-test.local/client-metadata.json';

/** What an operator writes of the scenario's server in the file of servers, beside its address. */
export function entryOf(scenario: string, context: Scene['context']): object {
  // The suite sends null for an optional argument whose schema has none.
  if (scenario === 'http-custom-headers') return { nulls: 'drop-optional' };
  return scenario.startsWith('auth/') ? { oauth: { allowPrivateAddresses: true, ...oauthOf(scenario, context) } } : {};
}

function oauthOf(scenario: string, { client_id: clientId, client_secret: clientSecret }: Scene['context']): object {
  if (scenario === 'auth/client-credentials-basic') return { grant: 'client_credentials', clientId, clientSecret };
  if (scenario === 'auth/pre-registration') return { clientId, clientSecret };
  if (scenario === 'auth/basic-cimd') return { clientMetadataUrl: METADATA_URL };
  return {};
}
