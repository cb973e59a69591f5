import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers, CALL_FAILURES, callHeaders, nameParameter, RESULT } from '../../../http/documents/documented-answers.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { CallRoutes } from '../pipeline.js';
import { HttpCalls } from './http-calls.service.js';

const ARGUMENTS_SCHEMA = { type: 'object', additionalProperties: true, example: { title: 'Review quarterly reports' } };

/** Tool calls where mcpo has them, for connections that were made for it. Every route of the gateway itself comes before these. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('tools'), ApiBearerAuth('bearerAuth')])
@Controller()
@CallRoutes()
export class ServerToolsController {
  constructor(private readonly calls: HttpCalls) {}

  @Post(':server/:tool')
  @HttpCode(200)
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'callToolOfServer', summary: 'Call a tool by its name in the document of its server' }),
    nameParameter(swagger, 'server', 'The server, as the config file names it.'),
    nameParameter(swagger, 'tool', 'The tool, as the document of its server names it.'),
    swagger.ApiBody({ schema: ARGUMENTS_SCHEMA }),
    ...callHeaders(swagger),
    ...answers(swagger, 'The result of the tool.', RESULT, CALL_FAILURES),
  ])
  ofServer(@Param('server') server: string, @Param('tool') tool: string, @Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.ofServer(server, tool, request);
  }

  @Post(':tool')
  @HttpCode(200)
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'callToolOfOnlyServer', summary: 'Call a tool of the only server' }),
    nameParameter(swagger, 'tool', 'The tool, as the server names it.'),
    swagger.ApiBody({ schema: ARGUMENTS_SCHEMA }),
    ...callHeaders(swagger),
    ...answers(swagger, 'The result of the tool.', RESULT, CALL_FAILURES),
  ])
  ofOnlyServer(@Param('tool') tool: string, @Req() request: RequestOfCaller): Promise<AnsweredCall> {
    return this.calls.ofOnlyServer(tool, request);
  }
}
