import type { Request } from 'express';

/** Holds what tells the browser that began an authorization from all others. */
export const BROWSER_COOKIE = 'mcpo_grant';

const VALUE = new RegExp(`(?:^|;\\s*)${BROWSER_COOKIE}=([\\w-]{43})(?:;|$)`);

/** What it holds; undefined in any other. */
export function browserOf({ headers }: Pick<Request, 'headers'>): string | undefined {
  return VALUE.exec(headers.cookie ?? '')?.[1];
}

/** The query as it came. */
export function queryOf({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams {
  return new URL(originalUrl, 'http://localhost').searchParams;
}
