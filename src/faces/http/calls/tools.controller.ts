import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers, CALL_FAILURES, callHeaders, nameParameter, RESULT } from '../../../http/documents/documented-answers.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { CallRoutes } from '../pipeline.js';
import { HttpCalls } from './http-calls.service.js';

const ENVELOPE_SCHEMA = {
  type: 'object',
  required: ['name', 'arguments'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'The tool, as /openapi.json names it.', example: 'create_task' },
    arguments: {
      type: 'object',
      description: "The tool's arguments.",
      additionalProperties: true,
      example: { title: 'Review quarterly reports' },
    },
  },
};

/** Tool calls over HTTP. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('tools'), ApiBearerAuth('bearerAuth')])
@Controller('v1/tools')
@CallRoutes()
export class ToolsController {
  constructor(private readonly calls: HttpCalls) {}

  @Post(':name')
  @HttpCode(200)
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'callTool', summary: 'Call a tool: the body holds its arguments' }),
    nameParameter(swagger, 'name', 'The tool, as /openapi.json names it.'),
    swagger.ApiBody({ schema: { type: 'object', additionalProperties: true, example: { title: 'Review quarterly reports' } } }),
    ...callHeaders(swagger),
    ...answers(swagger, 'The result of the tool.', RESULT, CALL_FAILURES),
  ])
  call(@Param('name') name: string, @Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.named(name, request);
  }

  @Post()
  @HttpCode(200)
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'callNamedTool', summary: 'Call the tool that the body names' }),
    swagger.ApiBody({ schema: ENVELOPE_SCHEMA }),
    ...callHeaders(swagger),
    ...answers(swagger, 'The result of the tool.', RESULT, CALL_FAILURES),
  ])
  callEnvelope(@Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.inEnvelope(request);
  }
}
