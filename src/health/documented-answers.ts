type Swagger = typeof import('@nestjs/swagger');

/**
 * A health check's two answers for the gateway's own document. Terminus' `HealthCheck` has them too, but finds Swagger on its own, by a
 * `require` that loads it a second time beside a bundle.
 */
export function documentedAnswers({ ApiOkResponse, ApiServiceUnavailableResponse }: Swagger): MethodDecorator[] {
  return [
    ApiOkResponse({ description: 'Every part is up', content: json(answerOf(['ok', 'degraded']), UP) }),
    ApiServiceUnavailableResponse({ description: 'A part is down', content: json(answerOf(['error', 'shutting_down']), DOWN) }),
  ];
}

/** An answer of JSON, by its schema and an example. */
export function json(schema: object, example: object) {
  return { 'application/json': { schema, example } };
}

/** The shape of Terminus' HealthCheckResult. */
function answerOf(states: readonly string[]) {
  const status = { type: 'string', enum: [...states] };
  return { type: 'object', required: ['status'], properties: { status, info: PARTS, error: PARTS, details: PARTS } };
}

const STATUS = { type: 'string', enum: ['up', 'degraded', 'down'] };
const PARTS = {
  type: 'object',
  description: 'Parts by their names',
  additionalProperties: { type: 'object', required: ['status'], properties: { status: STATUS }, additionalProperties: true },
};
const PLANNER = { planner: { status: 'up', state: 'up', transport: 'stdio' } };
const PLANNER_DOWN = { planner: { status: 'down', state: 'degraded', lastError: 'connect ECONNREFUSED' } };
const UP = { status: 'ok', info: PLANNER, error: {}, details: PLANNER };
const DOWN = { status: 'error', info: {}, error: PLANNER_DOWN, details: PLANNER_DOWN };
