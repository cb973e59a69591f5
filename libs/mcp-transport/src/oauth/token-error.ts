/** Why there is no access token, in a sentence without anything secret: whatever an authorization server answered is not repeated. */
export class TokenError extends Error {
  /** `isRefusal`: the authorization server says no, which only whoever set the client up can change. */
  constructor(
    message: string,
    readonly isRefusal = false,
  ) {
    super(`No access token: ${message}`);
  }
}

/** A person has to authorize first; the message says how. */
export class AuthorizationNeeded extends TokenError {
  constructor(message: string) {
    super(message, true);
  }
}
