import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { Documented } from '../../../http/documented.decorator.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { CallRoutes } from '../pipeline.js';
import { HttpCalls } from './http-calls.service.js';

const ARGUMENTS_SCHEMA = { type: 'object', additionalProperties: true };

/** Tool calls where mcpo has them, for connections that were made for it. Every route of the gateway itself comes before these. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('tools'), ApiBearerAuth()])
@Controller()
@CallRoutes()
export class ServerToolsController {
  constructor(private readonly calls: HttpCalls) {}

  @Post(':server/:tool')
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call a tool by its name in the document of its server' }),
    ApiBody({ schema: ARGUMENTS_SCHEMA }),
  ])
  ofServer(@Param('server') server: string, @Param('tool') tool: string, @Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.ofServer(server, tool, request);
  }

  @Post(':tool')
  @HttpCode(200)
  @Documented(({ ApiBody, ApiOperation }) => [
    ApiOperation({ summary: 'Call a tool of the only server' }),
    ApiBody({ schema: ARGUMENTS_SCHEMA }),
  ])
  ofOnlyServer(@Param('tool') tool: string, @Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.ofOnlyServer(tool, request);
  }
}
