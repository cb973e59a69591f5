import { isUnreachable, TokenError, type UpstreamConnection } from '@app/mcp-transport';
import type { RedactedTexts } from './redacted-texts.js';

/** What came of the question whether a server is there. `late`: nothing yet, which may well mean that it is busy. */
export type PingResult = { readonly kind: 'answered' | 'late' } | { readonly kind: 'failed'; readonly reason: string };

/** Asks on this connection, for so long at the most. Never rejects. */
export async function pinged(connection: UpstreamConnection, words: RedactedTexts, ms: number): Promise<PingResult> {
  try {
    await connection.ping(AbortSignal.timeout(ms));
    return { kind: 'answered' };
  } catch (error) {
    const { status } = (error ?? {}) as { status?: unknown };
    if (typeof status === 'number' && status < 500) return { kind: 'answered' };
    // A connection that breaks may have been an old one: the next question tells.
    const isSure = typeof status === 'number' || isUnreachable(error) || error instanceof TokenError;
    return isSure ? { kind: 'failed', reason: words.told(error) } : { kind: 'late' };
  }
}
