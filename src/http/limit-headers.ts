/** Response headers that tell a caller of limits: the usual ones, and those of draft-ietf-httpapi-ratelimit-headers. */
export const LIMIT_HEADERS = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'RateLimit', 'RateLimit-Policy'] as const;
