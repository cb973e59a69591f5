import { Controller, HttpCode, Param, Post, Req, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ToolOutcome } from '@app/mcp-openapi';
import { NeedsKey } from '../auth/needs-key.decorator.js';
import { McpErrorInterceptor } from '../errors/mcp-error.interceptor.js';
import type { CallRequest } from './call-request.js';
import { ToolCallFactory } from './tool-call.factory.js';
import { ToolCallService } from './tool-call.service.js';

/** Tool calls where mcpo has them, for connections that were made for it. Every route of the gateway itself comes before these. */
@ApiTags('tools')
@ApiBearerAuth()
@Controller()
@NeedsKey(true)
@UseInterceptors(McpErrorInterceptor)
export class ServerToolsController {
  constructor(
    private readonly toolCalls: ToolCallService,
    private readonly calls: ToolCallFactory,
  ) {}

  @Post(':server/:tool')
  @HttpCode(200)
  @ApiOperation({ summary: 'Call a tool by its name in the document of its server' })
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  async ofServer(@Param('server') server: string, @Param('tool') tool: string, @Req() request: CallRequest): Promise<ToolOutcome> {
    return this.toolCalls.call(this.calls.ofServer(server, tool, request));
  }

  @Post(':tool')
  @HttpCode(200)
  @ApiOperation({ summary: 'Call a tool of the only server' })
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  async ofOnlyServer(@Param('tool') tool: string, @Req() request: CallRequest): Promise<ToolOutcome> {
    return this.toolCalls.call(this.calls.ofOnlyServer(tool, request));
  }
}
