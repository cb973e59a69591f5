import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { Documented } from '../../../http/documented.decorator.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { CallRoutes } from '../pipeline.js';
import { HttpCalls } from './http-calls.service.js';

const ENVELOPE_SCHEMA = {
  type: 'object',
  required: ['name', 'arguments'],
  properties: {
    name: { type: 'string', description: 'The tool, as /openapi.json names it.', example: 'create_task' },
    arguments: {
      type: 'object',
      description: "The tool's arguments.",
      additionalProperties: true,
      example: { title: 'Review quarterly reports' },
    },
  },
};

/** Tool calls over HTTP. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('tools'), ApiBearerAuth()])
@Controller('v1/tools')
@CallRoutes()
export class ToolsController {
  constructor(private readonly calls: HttpCalls) {}

  @Post(':name')
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call a tool: the body holds its arguments' }),
    ApiBody({ schema: { type: 'object', additionalProperties: true } }),
  ])
  call(@Param('name') name: string, @Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.named(name, request);
  }

  @Post()
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call the tool that the body names' }),
    ApiBody({ schema: ENVELOPE_SCHEMA }),
  ])
  callEnvelope(@Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.inEnvelope(request);
  }
}
