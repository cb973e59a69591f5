import { hash } from 'node:crypto';
import type { RedisClient } from './redis-connection.js';

/** A Lua script that Redis runs as one command. */
export class RedisScript {
  private readonly sha1: string;

  constructor(private readonly text: string) {
    this.sha1 = hash('sha1', text);
  }

  /** By its digest; by its text where Redis does not know it yet, as after a restart. */
  async run(client: RedisClient, keys: string[], args: string[]): Promise<unknown> {
    const options = { keys, arguments: args };
    try {
      return await client.evalSha(this.sha1, options);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.eval(this.text, options);
    }
  }
}
