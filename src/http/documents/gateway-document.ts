import type { OpenAPIObject } from '@nestjs/swagger';
import {
  COMMON_HEADERS,
  errorComponents,
  errorResponses,
  headerComponents,
  KEPT_RESULT_HEADERS,
  RESULT_HEADERS,
  resultComponents,
  securityOf,
  securitySchemes,
} from '@app/mcp-openapi';
import { aboutOf } from '../../config/about.js';
import { publicBase } from '../../config/network/public-base.js';
import { hasCredentials, type Settings } from '../../config/settings.js';
import { FAILURE } from './documented-answers.js';

type Operation = Record<string, unknown> & {
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Record<string, { readonly description?: string; readonly content?: object }>;
};
type Paths = Record<string, Record<string, Operation>>;

/** Documents are public, and show the holder of a key what that may use, unless --strict-auth asks for one. */
const OPTIONAL = 'documents';
const METRICS = '/metrics';

const TAGS = {
  tools: 'Calls of tools.',
  [OPTIONAL]: 'The tools, described.',
  servers: 'The MCP servers behind the gateway.',
  chat: 'Models that run the tools.',
  health: 'Health for people and for the probes of Kubernetes.',
  metrics: 'Figures for Prometheus.',
};

/** Completes what the decorators of the endpoints say of them with what all documents of the gateway have, and with what follows from the settings. */
export function gatewayDocument(document: OpenAPIObject, settings: Settings): object {
  const needsKey = hasCredentials(settings);
  const paths = document.paths as unknown as Paths;
  if (paths[METRICS]?.['get']) paths[METRICS]['get'] = { ...paths[METRICS]['get'], ...metricsOperation(settings) };
  for (const item of Object.values(paths))
    for (const [method, operation] of Object.entries(item)) item[method] = completed(operation, needsKey, settings.strictAuth);
  const { components } = document;
  return {
    ...document,
    info: { ...document.info, ...aboutOf(settings) },
    servers: [{ url: publicBase(settings) || '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: securityOf(needsKey),
    components: {
      schemas: { ...components?.schemas, ...errorComponents.schemas, ...resultComponents },
      responses: errorComponents.responses,
      headers: headerComponents,
      ...(needsKey && { securitySchemes }),
    },
  };
}

function completed(operation: Operation, needsKey: boolean, isStrict: boolean): Operation {
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    if (response.description === FAILURE && response.content === undefined) return [status, errorResponses[status]];
    const isResult = response.content !== undefined && 'application/vnd.mcp+json' in response.content;
    return [status, { ...response, headers: isResult ? { ...RESULT_HEADERS, ...KEPT_RESULT_HEADERS } : COMMON_HEADERS }];
  });
  return {
    ...operation,
    security: securityAt(operation, needsKey, isStrict),
    responses: Object.fromEntries(responses) as Operation['responses'],
  };
}

function securityAt({ tags, security }: Operation, needsKey: boolean, isStrict: boolean): readonly object[] {
  if (tags?.includes(OPTIONAL)) return securityOf(needsKey ? (isStrict ? true : undefined) : false);
  return securityOf(needsKey && security !== undefined && security.length > 0);
}

function metricsOperation({ metricsAuth }: Settings): Operation {
  if (!metricsAuth) return METRICS_OPERATION;
  return {
    ...METRICS_OPERATION,
    security: securityOf(true),
    responses: { ...METRICS_OPERATION.responses, '401': { description: FAILURE } },
  };
}

/** The endpoint is a package's own. */
const METRICS_OPERATION = {
  operationId: 'metrics',
  tags: ['metrics'],
  summary: 'Metrics in the text format of Prometheus',
  responses: {
    '200': {
      description: 'The metrics.',
      content: {
        'text/plain': {
          schema: { type: 'string' },
          example: '# TYPE mcpo_tool_calls_total counter\nmcpo_tool_calls_total{tool="create_task"} 1\n',
        },
      },
    },
  },
};
