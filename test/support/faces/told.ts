/** What a caller is told of a call, in one form whatever the face. */
export interface Told {
  /** `result`, or the type of the failure; `left` for a caller who is gone. */
  readonly type: string;
  /** Of a result: the whole CallToolResult. */
  readonly value?: unknown;
  readonly message?: string;
  readonly details?: unknown;
  readonly retryAfter?: number;
  /** What is left of the limit that decided. */
  readonly limits?: { readonly scope: string; readonly limit: number; readonly remaining: number };
}

/** Of a caller who is gone. */
export const LEFT: Told = { type: 'left' };

/** `RateLimit` and `RateLimit-Policy`. */
export function headersToLimits({ ratelimit, 'ratelimit-policy': policy }: Readonly<Record<string, string>>): Told['limits'] {
  if (ratelimit === undefined) return undefined;
  const [, scope, remaining] = /^"(\w+)";r=(\d+);t=\d+$/.exec(ratelimit) as unknown as [string, string, string];
  const [, limit] = /^"\w+";q=(\d+);w=60$/.exec(policy as string) as unknown as [string, string];
  return { scope, limit: Number(limit), remaining: Number(remaining) };
}
