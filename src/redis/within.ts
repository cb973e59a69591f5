import { RedisTimeout } from './redis-failure.js';

/**
 * What `reply` resolves to, or a {@link RedisTimeout} after so many milliseconds. An answer that has come by then counts, also where the
 * event loop was too busy to read it: it reads once more before it gives up.
 */
export function within<T>(reply: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => setImmediate(() => reject(new RedisTimeout())), ms);
    const over = () => clearTimeout(late);
    reply.then(
      (value) => {
        over();
        resolve(value);
      },
      (error: unknown) => {
        over();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
