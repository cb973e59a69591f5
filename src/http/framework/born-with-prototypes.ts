import http from 'node:http';

/** What of an Express application is changed. */
interface ExpressPrototypes {
  request: object;
  response: object;
}

/** Classes for `http.createServer`. */
export interface MessageClasses {
  readonly IncomingMessage: typeof http.IncomingMessage;
  readonly ServerResponse: typeof http.ServerResponse;
}

/**
 * Spares Express its largest cost: it calls `Object.setPrototypeOf` on every request and response, which throws away V8's inline caches.
 * Messages of these classes are born with the prototypes that Express would set, so that its call changes nothing. Without them it does
 * what it always does.
 */
export function bornWithPrototypes(app: ExpressPrototypes): MessageClasses {
  class BornRequest extends http.IncomingMessage {}
  class BornResponse extends http.ServerResponse {}
  app.request = Object.setPrototypeOf(BornRequest.prototype, app.request) as object;
  app.response = Object.setPrototypeOf(BornResponse.prototype, app.response) as object;
  return { IncomingMessage: BornRequest, ServerResponse: BornResponse as typeof http.ServerResponse };
}
