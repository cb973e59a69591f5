import type { Request } from 'express';
import { publicBase } from '../../../config/network/public-base.js';
import type { Settings } from '../../../config/settings.js';

type Place = Pick<Settings, 'publicUrl' | 'rootPath' | 'pathPrefix' | 'tls'>;

/** Where RFC 9728 has the metadata of a resource: between its host and its path. */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Where the metadata of the endpoint that a request came to is: below the gateway's own path, which is all that reaches it. */
export function metadataUrl(request: Request, settings: Place): string {
  const [path = ''] = request.url.split('?');
  return resourceUrl(request, settings, `${METADATA_PATH}${path.replace(/\/$/, '')}`);
}

/** A path of the gateway as clients name it: below PUBLIC_URL, else below what the request itself calls the gateway. */
export function resourceUrl({ headers }: Request, settings: Place, path: string): string {
  const base = publicBase(settings);
  if (settings.publicUrl !== undefined) return `${base.replace(/\/$/, '')}${path}`;
  return `${settings.tls ? 'https' : 'http'}://${headers.host ?? 'localhost'}${base}${path}`;
}
