import { hash } from 'node:crypto';

/** What of one caller's headers goes to one server with that caller's calls. */
export interface CallerCredentials {
  /** Names in lower case. Secret: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the headers: what is kept for a caller is found by it, so that no value is a key of anything. */
  readonly digest: string;
  /** Whose grant the calls go with, where its server has each user authorize it; tokens are not in the headers. */
  readonly owner?: string;
}

/** The credentials that these headers are, in whatever order they came. */
export function toCredentials(headers: readonly (readonly [name: string, value: string])[]): CallerCredentials {
  const sorted = headers.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { headers: Object.fromEntries(sorted), digest: hash('sha256', JSON.stringify(sorted)) };
}

/** Those of one who grants tokens for themselves, with what of their headers is passed on besides. */
export function toOwnersCredentials(owner: string, besides: CallerCredentials | undefined): CallerCredentials {
  return { headers: besides?.headers ?? {}, digest: hash('sha256', JSON.stringify([owner, besides?.digest])), owner };
}
