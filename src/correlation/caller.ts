import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from './principal.js';

/** Who calls, as a face found out: there is no caller by default. */
export interface Caller {
  readonly principal: Principal;
  /** Behind the proxies that are trusted. */
  readonly address: string;
  /** Of the request, or of the one that opened the connection: what servers get of the caller is taken from these. */
  readonly headers: IncomingHttpHeaders;
}
