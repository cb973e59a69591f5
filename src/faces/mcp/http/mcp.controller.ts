import { Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { McpLane } from './mcp-lane.service.js';
import type { McpRequest } from './mcp-request.js';

/** Streamable HTTP of every generation of MCP: all servers at `/mcp`, one at `/mcp/{server}`. MCP describes itself. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller(['mcp', 'mcp/:server'])
export class McpController {
  constructor(private readonly lane: McpLane) {}

  @Post()
  post(@Req() request: McpRequest, @Res() _response: Response): Promise<void> {
    return this.lane.handle(request);
  }

  @Get()
  listen(@Req() request: McpRequest, @Res() _response: Response): Promise<void> {
    return this.lane.handle(request);
  }

  @Delete()
  end(@Req() request: McpRequest, @Res() _response: Response): Promise<void> {
    return this.lane.handle(request);
  }
}
