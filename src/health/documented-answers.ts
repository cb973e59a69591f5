type Swagger = typeof import('@nestjs/swagger');

/**
 * A health check's two answers for the gateway's own document. Terminus' `HealthCheck` has them too, but finds Swagger on its own, by a
 * `require` that loads it a second time beside a bundle.
 */
export function documentedAnswers({ ApiOkResponse, ApiServiceUnavailableResponse }: Swagger): MethodDecorator[] {
  return [
    ApiOkResponse({ description: 'Every part is up', schema: answerOf(['ok', 'degraded']) }),
    ApiServiceUnavailableResponse({ description: 'A part is down', schema: answerOf(['error', 'shutting_down']) }),
  ];
}

/** The shape of Terminus' HealthCheckResult. */
function answerOf(states: readonly string[]) {
  const status = { type: 'string', enum: [...states] };
  return { type: 'object', properties: { status, info: PARTS, error: PARTS, details: PARTS } };
}

const STATUS = { type: 'string', enum: ['up', 'degraded', 'down'] };
const PARTS = {
  type: 'object',
  description: 'Parts by their names',
  additionalProperties: { type: 'object', required: ['status'], properties: { status: STATUS }, additionalProperties: true },
};
