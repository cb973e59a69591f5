/** As much of a WebSocket (https://websockets.spec.whatwg.org) as this client uses: that of browsers and of Node 22 and newer. */
export interface Socket {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Makes sockets. */
export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

const PROTOCOL = 'mcpo.v1';
const KEY_PROTOCOL = 'mcpo.key.';

/** The subprotocols to offer: with a key also that one, for browsers can send no header with a socket, and URLs are logged. */
export function protocolsOf(key: string | undefined): string[] {
  return key === undefined ? [PROTOCOL] : [PROTOCOL, KEY_PROTOCOL + base64Url(key)];
}

function base64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
