/** Settings under which the limits count every call and refuse none. */
export const AMPLE_LIMITS = { RATE_LIMIT_CLIENT: '1000000000', RATE_LIMIT_SYSTEM: '1000000000', MAX_CONNECTIONS: '1000000' } as const;
