import { Controller, HttpCode, Param, Post, Req, UseInterceptors } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { NeedsKey } from './auth/needs-key.decorator.js';
import { McpErrorInterceptor } from './mcp-error.interceptor.js';
import { Documented } from '../../http/documented.decorator.js';
import { LimitedCalls } from './limits/limited-calls.decorator.js';
import type { CallRequest } from './call-request.js';
import { ToolCallFactory } from './tool-call.factory.js';
import { ToolCallService } from '../../call/tool-call.service.js';

const ARGUMENTS_SCHEMA = { type: 'object', additionalProperties: true };

/** Tool calls where mcpo has them, for connections that were made for it. Every route of the gateway itself comes before these. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('tools'), ApiBearerAuth()])
@Controller()
@NeedsKey(true)
@LimitedCalls(true)
@UseInterceptors(McpErrorInterceptor)
export class ServerToolsController {
  constructor(
    private readonly toolCalls: ToolCallService,
    private readonly calls: ToolCallFactory,
  ) {}

  @Post(':server/:tool')
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call a tool by its name in the document of its server' }),
    ApiBody({ schema: ARGUMENTS_SCHEMA }),
  ])
  async ofServer(@Param('server') server: string, @Param('tool') tool: string, @Req() request: CallRequest): Promise<ToolOutcome> {
    return this.toolCalls.call(await this.calls.ofServer(server, tool, request));
  }

  @Post(':tool')
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call a tool of the only server' }),
    ApiBody({ schema: ARGUMENTS_SCHEMA }),
  ])
  async ofOnlyServer(@Param('tool') tool: string, @Req() request: CallRequest): Promise<ToolOutcome> {
    return this.toolCalls.call(await this.calls.ofOnlyServer(tool, request));
  }
}
