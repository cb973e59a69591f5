import { createClient } from 'redis';

/** A client of Redis. */
export type RedisClient = ReturnType<typeof createClient>;

/** Longest that a connection takes; after it the next attempt. */
const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_PAUSE_MS = 2_000;
/** Commands on their way; more are refused. */
const MAX_COMMANDS = 10_000;

/** How a connection fares. */
interface ConnectionEvents {
  ready(): void;
  failed(error: Error): void;
}

/**
 * A client that connects by itself, now and whenever its connection is gone, and takes commands only while it is connected. Loaded late: the
 * package takes 160 ms and 40 MB.
 */
export function connect(url: string, events: ConnectionEvents): RedisClient {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_COMMANDS,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: pauseBefore },
  });
  client.on('ready', () => events.ready());
  client.on('error', (error: Error) => events.failed(error));
  client.connect().catch((error: Error) => events.failed(error));
  return client;
}

/** Ends it at once, with what is on its way; harmless when repeated. */
export async function disconnect(client: RedisClient): Promise<void> {
  if (client.isOpen) await client.disconnect().catch(() => undefined);
}

function pauseBefore(attempt: number): number {
  return Math.min(50 * 2 ** attempt, LONGEST_PAUSE_MS) + Math.random() * 100;
}
