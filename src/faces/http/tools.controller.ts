import { Controller, HttpCode, Param, Post, Req, UseInterceptors } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { NeedsKey } from './auth/needs-key.decorator.js';
import { McpErrorInterceptor } from './mcp-error.interceptor.js';
import { Documented } from '../../http/documented.decorator.js';
import { LimitedCalls } from './limits/limited-calls.decorator.js';
import type { CallRequest } from './call-request.js';
import { ToolCallFactory } from './tool-call.factory.js';
import { ToolCallService } from '../../call/tool-call.service.js';

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
@NeedsKey(true)
@LimitedCalls(true)
@UseInterceptors(McpErrorInterceptor)
export class ToolsController {
  constructor(
    private readonly toolCalls: ToolCallService,
    private readonly calls: ToolCallFactory,
  ) {}

  @Post(':name')
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call a tool: the body holds its arguments' }),
    ApiBody({ schema: { type: 'object', additionalProperties: true } }),
  ])
  async call(@Param('name') name: string, @Req() request: CallRequest): Promise<ToolOutcome> {
    return this.toolCalls.call(await this.calls.ofNamed(name, request));
  }

  @Post()
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call the tool that the body names' }),
    ApiBody({ schema: ENVELOPE_SCHEMA }),
  ])
  async callEnvelope(@Req() request: CallRequest): Promise<ToolOutcome> {
    return this.toolCalls.call(await this.calls.ofEnvelope(request));
  }
}
