import type { Challenge } from './grant-record.js';

/** A token as an authorization server gave it. */
export interface GrantedToken {
  readonly value: string;
  /** Undefined for one that ends when it is refused. */
  readonly lifetimeMs: number | undefined;
}

/** A token that a server refused, or that it finds too little for a request. The empty one stands for none. */
export interface RefusedToken {
  readonly value: string;
  readonly challenge: Challenge;
}

/** Where access tokens are had, in whatever way they are granted. */
export interface TokenSource {
  /** Whether a token that is good for one request may be replaced by one that is good for more. */
  readonly stepsUp: boolean;
  /** An empty value says to go without. Rejects with a TokenError. */
  request(refused?: RefusedToken): Promise<GrantedToken>;
}
