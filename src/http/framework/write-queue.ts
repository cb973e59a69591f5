import type { Socket } from 'node:net';

/** What Node keeps of a socket and tells nobody; over TLS the connection below it is the one that writes. */
interface Written {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  readonly _parent?: Written | null;
}

/** Bytes that the operating system has not taken yet of what is being written: they grow less while a large piece goes out. */
export function writeQueueBytes(socket: Socket): number {
  const { _handle, _parent } = socket as unknown as Written;
  return (_handle?.writeQueueSize ?? 0) + (_parent?._handle?.writeQueueSize ?? 0);
}
