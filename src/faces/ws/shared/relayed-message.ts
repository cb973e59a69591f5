import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../../../correlation/principal.js';

/** Whose socket it is, as the replica that it is at found out. */
export interface RelayedCaller {
  readonly principal: Principal;
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** What replicas write one another of a socket that is at one and whose session is at another. */
export type RelayedMessage =
  /** To the one that has the session: there is a socket for it. */
  | { readonly kind: 'open'; readonly pipe: string; readonly from: string; readonly caller: RelayedCaller }
  /** Its client said this. */
  | { readonly kind: 'heard'; readonly pipe: string; readonly text: string }
  /** It has closed. */
  | { readonly kind: 'gone'; readonly pipe: string; readonly code: number }
  /** To the one that has the socket: this is to be said. */
  | { readonly kind: 'say'; readonly pipe: string; readonly text: string }
  /** It is to be closed. */
  | { readonly kind: 'close'; readonly pipe: string; readonly code: number; readonly reason: string };
