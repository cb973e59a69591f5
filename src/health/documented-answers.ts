type Swagger = typeof import('@nestjs/swagger');

/**
 * A health check's two answers for the gateway's own document. Terminus' `HealthCheck` has them too, but finds Swagger on its own, by a
 * `require` that loads it a second time beside a bundle.
 */
export function healthAnswers({ ApiOkResponse, ApiServiceUnavailableResponse }: Swagger, parts: object): MethodDecorator[] {
  const well = { status: 'ok', info: parts, error: {}, details: parts };
  const ending = { status: 'down', info: parts, error: STOPPING, details: { ...STOPPING, ...parts } };
  return [
    ApiOkResponse({ description: `How it is. ${ALONE}`, content: json(answerOf(HEALTH), well) }),
    ApiServiceUnavailableResponse({ description: 'The gateway is about to end', content: json(answerOf(HEALTH), ending) }),
  ];
}

/** The answers of the check for readiness. */
export function readyAnswers({ ApiOkResponse, ApiServiceUnavailableResponse }: Swagger): MethodDecorator[] {
  const gateway = { gateway: { status: 'up' } };
  const details = { ...gateway, ...TOOLS };
  const ready = { status: 'ok', info: details, error: {}, details };
  const missing = { tools: { revision: 1, tools: 0, unlisted: ['planner'], status: 'down' } };
  const notReady = { status: 'error', info: gateway, error: missing, details: { ...gateway, ...missing } };
  return [
    ApiOkResponse({ description: 'Ready', content: json(answerOf(['ok']), ready) }),
    ApiServiceUnavailableResponse({ description: 'Not ready', content: json(answerOf(['error', 'shutting_down']), notReady) }),
  ];
}

/** An answer of JSON, by its schema and an example. */
export function json(schema: object, example: object) {
  return { 'application/json': { schema, example } };
}

function answerOf(states: readonly string[]) {
  const status = { type: 'string', enum: [...states] };
  return { type: 'object', required: ['status'], properties: { status, info: PARTS, error: PARTS, details: PARTS } };
}

const ALONE = 'Where credentials are configured whoever shows none, or wrong ones, sees the status alone.';
const HEALTH = ['ok', 'degraded', 'down', 'unknown', 'not_configured'];
const STATUS = { type: 'string', enum: ['up', 'degraded', 'down', 'unknown', 'not_configured'] };
const PARTS = {
  type: 'object',
  description: 'Parts by their names',
  additionalProperties: { type: 'object', required: ['status'], properties: { status: STATUS }, additionalProperties: true },
};
const STOPPING = { gateway: { reason: 'stopping', status: 'down' } };
const SINCE = '2025-10-15T09:30:00.000Z';

export const TOOLS = { tools: { revision: 2, tools: 12, unlisted: [], status: 'up' } };
export const SERVERS = { planner: { state: 'up', since: SINCE, transport: 'stdio', age_seconds: 3, status: 'up' } };
export const REDIS = { redis: { since: SINCE, age_seconds: 3, status: 'up' } };
export const OPEN_WEBUI = { openwebui: { age_seconds: 3, last_request_at: SINCE, status: 'up' } };
