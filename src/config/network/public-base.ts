import type { Settings } from '../settings.js';

/**
 * Where clients find the gateway, without a slash at the end: below PUBLIC_URL, else as a path of the host that they know, which may be empty.
 * PUBLIC_URL may hold the paths of --root-path and --path-prefix or leave them out.
 */
export function publicBase({ publicUrl, rootPath, pathPrefix }: Pick<Settings, 'publicUrl' | 'rootPath' | 'pathPrefix'>): string {
  const path = `${rootPath}${pathPrefix}`;
  if (publicUrl === undefined) return path;
  const given = new URL(publicUrl).pathname;
  if (path !== '' && given.endsWith(path)) return publicUrl;
  return rootPath !== '' && given.endsWith(rootPath) ? `${publicUrl}${pathPrefix}` : `${publicUrl}${path}`;
}

/** The path of that: where pages find the gateway's documents on the host that they came from. Without a slash at the end. */
export function publicPath(settings: Pick<Settings, 'publicUrl' | 'rootPath' | 'pathPrefix'>): string {
  const base = publicBase(settings);
  return settings.publicUrl === undefined ? base : new URL(base).pathname.replace(/\/$/, '');
}

/** Pages that may have a browser send something: those that the settings name, and the gateway's own, whatever name a proxy asks it by. */
export function trustedOrigins({ publicUrl, corsOrigins }: Pick<Settings, 'publicUrl' | 'corsOrigins'>): readonly string[] {
  return publicUrl === undefined ? corsOrigins : [...corsOrigins, new URL(publicUrl).origin];
}
