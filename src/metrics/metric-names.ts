/** Every metric of the gateway by name: dashboards and alerts rely on them. Times in seconds. */
export const METRICS = {
  toolCalls: {
    name: 'mcpo_tool_calls_total',
    help: 'Tool calls that reached the call path, by how they ended; tools beyond 200 are called other.',
    labelNames: ['server', 'tool', 'outcome'],
  },
  callsInFlight: {
    name: 'mcpo_calls_in_flight',
    help: 'Tool calls that have come whole and are not over, of MAX_CONNECTIONS at the most.',
    labelNames: [],
  },
  memoryLimit: {
    name: 'mcpo_memory_limit_bytes',
    help: 'Memory that this process may have: the least of its cgroup and of MEMORY_LIMIT; 0 where there is no limit.',
    labelNames: [],
  },
  memoryShedding: {
    name: 'mcpo_memory_shedding',
    help: 'Whether new calls are refused, since little is left of that memory.',
    labelNames: [],
  },
  outputMismatches: {
    name: 'mcpo_output_schema_mismatches_total',
    help: "Results whose structuredContent does not fit the tool's own outputSchema; tools beyond 200 are called other.",
    labelNames: ['server', 'tool'],
  },
  retries: {
    name: 'mcpo_upstream_retries_total',
    help: 'Tool calls that were sent to their MCP server once more.',
    labelNames: ['server'],
  },
  upstreamUp: { name: 'mcpo_upstream_up', help: 'Whether the MCP server is connected and can be listed.', labelNames: ['server'] },
  upstreamBreakers: {
    name: 'mcpo_upstream_breakers_open',
    help: 'For how many callers calls to the MCP server are paused, since they fail again and again; all who bring no credentials are one.',
    labelNames: ['server'],
  },
  upstreamCalls: {
    name: 'mcpo_upstream_calls_in_flight',
    help: 'Tool calls that have been handed to the MCP server and are not answered.',
    labelNames: ['server'],
  },
  poolInUse: {
    name: 'mcpo_upstream_pool_in_use',
    help: 'Connections to the MCP server over HTTP that calls hold, 50 at the most.',
    labelNames: ['server'],
  },
  poolWaiting: {
    name: 'mcpo_upstream_pool_waiting',
    help: 'Tool calls that wait for such a connection, 1,000 at the most.',
    labelNames: ['server'],
  },
  childStarts: {
    name: 'mcpo_child_starts_total',
    help: 'Processes started for an MCP server over stdio, the first one included.',
    labelNames: ['server'],
  },
  catalogRevision: { name: 'mcpo_catalog_revision', help: 'Grows by one with each change of the tool catalogue.', labelNames: [] },
  catalogTools: { name: 'mcpo_catalog_tools', help: 'Tools that are published of the MCP server.', labelNames: ['server'] },
  catalogAge: {
    name: 'mcpo_catalog_age_seconds',
    help: 'Since when the MCP server was asked for the list that is published; none for one that has not been listed.',
    labelNames: ['server'],
  },
  callsRefused: {
    name: 'mcpo_calls_refused_total',
    help: 'Tool calls that were not admitted, by what refused them: the limit of the client, role, tool or system, places (MAX_CONNECTIONS), or memory.',
    labelNames: ['by'],
  },
  chatCompletions: {
    name: 'mcpo_chat_completions_total',
    help: 'Completions that named a model that there is, by who made them and how they ended; cut: by a bound of the gateway.',
    labelNames: ['by', 'outcome'],
  },
  chatRounds: { name: 'mcpo_chat_rounds_total', help: 'Times that models of providers were asked for completions.', labelNames: [] },
  chatsInFlight: {
    name: 'mcpo_chats_in_flight',
    help: 'Completions that have come whole and are not over, of MAX_CHATS at the most.',
    labelNames: [],
  },
  chat: {
    name: 'mcpo_chat_seconds',
    help: 'Time of a completion from its arrival to its end, tools included.',
    labelNames: ['by'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  },
  httpConnections: { name: 'mcpo_http_connections', help: 'Open connections of clients, idle ones included.', labelNames: [] },
  httpRequests: {
    name: 'mcpo_http_requests_total',
    help: 'HTTP requests, by method and status.',
    labelNames: ['method', 'status'],
  },
  securityEvents: {
    name: 'mcpo_security_events_total',
    help: 'Failures of authentication and suspicious acts, by reason.',
    labelNames: ['reason'],
  },
  alerts: {
    name: 'mcpo_alerts_total',
    help: 'Alerts for ALERT_WEBHOOK_URL, by what became of them: delivered, failed after all tries, dropped since too many waited.',
    labelNames: ['outcome'],
  },
  cacheHits: {
    name: 'mcpo_cache_hits_total',
    help: 'Reads of the tool catalogue that waited for no list, and calls of tools whose results are kept that made no call of their own to an MCP server.',
    labelNames: ['cache'],
  },
  cacheMisses: {
    name: 'mcpo_cache_misses_total',
    help: 'The others; of the catalogue also those that got the fallback.',
    labelNames: ['cache'],
  },
  cacheHitRatio: {
    name: 'mcpo_cache_hit_ratio',
    help: 'Hits of all reads since the start, 0 to 1; 1 while there was none.',
    labelNames: ['cache'],
  },
  cacheStale: {
    name: 'mcpo_cache_stale_total',
    help: 'Misses that were answered with a result that had grown old, since its MCP server is away.',
    labelNames: ['cache'],
  },
  redisCommands: {
    name: 'mcpo_redis_commands_total',
    help: 'Commands to Redis, by how they ended; skipped: not sent, since Redis is away or the time of the request was used up.',
    labelNames: ['outcome'],
  },
  redisUp: { name: 'mcpo_redis_up', help: 'Whether Redis takes reads and writes; without REDIS_URL 0.', labelNames: [] },
  redisBreaker: {
    name: 'mcpo_redis_breaker_open',
    help: 'Whether no request waits for Redis, after failures in a row.',
    labelNames: [],
  },
  openSockets: { name: 'mcpo_websockets_open', help: 'Open WebSockets.', labelNames: [] },
  socketFrames: {
    name: 'mcpo_websocket_frames_total',
    help: 'Frames on WebSockets, in and out, by type; those of no known type are not counted.',
    labelNames: ['direction', 'type'],
  },
  socketResumes: {
    name: 'mcpo_websocket_resumes_total',
    help: 'Sessions that a client asked to go on with, by whether it could.',
    labelNames: ['outcome'],
  },
  mcpSessions: {
    name: 'mcpo_mcp_sessions_open',
    help: 'Sessions of MCP clients at /mcp, which clients since 2026-07-28 do without.',
    labelNames: [],
  },
  mcpSessionsEnded: {
    name: 'mcpo_mcp_sessions_ended_total',
    help: 'Sessions of MCP clients that have ended, by why: their client, idle for too long, room for another, the end of the gateway.',
    labelNames: ['reason'],
  },
  mcpRequests: {
    name: 'mcpo_mcp_requests_total',
    help: 'Requests of MCP clients, by generation of the protocol and by method; those of no known method are called other.',
    labelNames: ['era', 'method'],
  },
  mcpStreams: { name: 'mcpo_mcp_streams_open', help: 'Streams on which MCP clients listen for changes.', labelNames: [] },
  translation: {
    name: 'mcpo_translation_seconds',
    help: 'Time of a tool call spent in the gateway: reading, validating, translating.',
    labelNames: [],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1],
  },
  upstream: {
    name: 'mcpo_upstream_seconds',
    help: 'Time of a tool call spent waiting for the MCP server.',
    labelNames: ['server'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
} as const;
