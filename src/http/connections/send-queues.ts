import { readFile } from 'node:fs/promises';

/** Linux' tables of TCP connections (proc(5)); elsewhere there are none. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** Of a line: the local port, the other side's, and the bytes that the other side has not acknowledged yet, all in hexadecimal. */
const CONNECTION = /^\s*\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) [\dA-F]{2} ([\dA-F]{8}):/gm;

/**
 * What the operating system holds of connections until the other side takes it, by {@link queueKey}. It tells of a slow reader far sooner
 * than a socket does, which asks for more only once megabytes are gone.
 */
export async function sendQueues(): Promise<ReadonlyMap<string, number>> {
  const queues = new Map<string, number>();
  for (const table of TABLES) {
    const text = await readFile(table, 'latin1').catch(() => '');
    for (const [, local = '', remote = '', bytes = ''] of text.matchAll(CONNECTION))
      queues.set(queueKey(parseInt(local, 16), parseInt(remote, 16)), parseInt(bytes, 16));
  }
  return queues;
}

/** A connection by the ports of both its ends. */
export function queueKey(localPort: number | undefined, remotePort: number | undefined): string {
  return `${localPort} ${remotePort}`;
}
