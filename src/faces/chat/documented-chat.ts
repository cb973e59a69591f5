import { answers } from '../../http/documents/documented-answers.js';

type Swagger = typeof import('@nestjs/swagger');
type Media = Parameters<typeof answers>[2];

const MODEL = { id: 'mcpo-assistant', object: 'model', created: 1760520600, owned_by: 'mcpo-proxy' };

/** The list of models (OpenAI API, "List models"). */
export const MODELS: Media[string] = {
  schema: {
    type: 'object',
    required: ['object', 'data'],
    properties: {
      object: { type: 'string', enum: ['list'] },
      data: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'object', 'created', 'owned_by'],
          properties: { id: { type: 'string' }, object: { type: 'string' }, created: { type: 'integer' }, owned_by: { type: 'string' } },
          additionalProperties: true,
        },
      },
    },
  },
  example: { object: 'list', data: [MODEL] },
};

/** What a completion is asked with (OpenAI API, "Create chat completion"). */
export const COMPLETION_SCHEMA = {
  type: 'object',
  required: ['model', 'messages'],
  properties: {
    model: { type: 'string', minLength: 1, example: MODEL.id },
    messages: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', additionalProperties: true },
      example: [{ role: 'user', content: 'Create a task to review the quarterly reports by Friday' }],
    },
    stream: { type: ['boolean', 'null'], default: false },
  },
  additionalProperties: true,
};

const CHOICE = { index: 0, message: { role: 'assistant', content: 'The task is created.' }, logprobs: null, finish_reason: 'stop' };
const ANSWER = { id: 'chatcmpl-1', object: 'chat.completion', created: MODEL.created, model: MODEL.id, choices: [CHOICE] };

/** What comes of one. */
export const COMPLETION: Media = {
  'application/json': {
    schema: {
      type: 'object',
      required: ['id', 'object', 'created', 'model', 'choices'],
      properties: {
        id: { type: 'string' },
        object: { type: 'string' },
        created: { type: 'integer' },
        model: { type: 'string' },
        choices: { type: 'array', items: { type: 'object', additionalProperties: true } },
        usage: { type: 'object', additionalProperties: true },
      },
      additionalProperties: true,
    },
    example: ANSWER,
  },
  'text/event-stream': {
    schema: { description: 'Chunks, an event each.' },
    example: 'data: {"object":"chat.completion.chunk", ...}\n\ndata: [DONE]\n\n',
  },
};

const ERROR = {
  schema: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        properties: {
          message: { type: 'string' },
          type: { type: 'string' },
          param: { type: ['string', 'null'] },
          code: { type: ['string', 'null'] },
        },
      },
    },
  },
  example: {
    error: {
      message: '`messages` must be an array of one or more messages.',
      type: 'invalid_request_error',
      param: 'messages',
      code: null,
    },
  },
};

/** The answers of an endpoint of the chat: the good one by its types, and failures in OpenAI's shape. */
export function chatAnswers(swagger: Swagger, description: string, content: Media, failures: readonly number[]): MethodDecorator[] {
  const failure = (status: number) =>
    swagger.ApiResponse({
      status,
      description: 'A failure, as OpenAI tells it.',
      content: { 'application/json': ERROR } as Record<string, object>,
    });
  return [...answers(swagger, description, content), ...failures.map(failure)];
}
