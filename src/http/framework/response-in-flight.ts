import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The response that is being written on a socket of `node:http`: Node keeps it there and tells nobody. Undefined where there is none. */
export function responseInFlight(socket: Socket): ServerResponse | undefined {
  return (socket as Socket & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}
