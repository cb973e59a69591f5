import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { toolDenied } from '../../../call/outcome/tool-denied.js';
import { toolNotFound } from '../../../call/outcome/tool-not-found.js';
import { findEntry } from '../../../discovery/catalog-snapshot.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers, DOCUMENT, nameParameter } from '../../../http/documents/documented-answers.js';
import { SecurityEvents } from '../../../metrics/security-events.js';
import type { CachedDocument } from '../../../translation/cached-document.js';
import { FORMATS } from '../../../translation/description-operation.js';
import { ToolDocuments } from '../../../translation/tool-documents.service.js';
import type { CallerView } from '../../../view/caller-view.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';
import { DocumentRoutes } from '../pipeline.js';
import { readFormat } from './read-format.js';
import { RequestViews } from './request-views.service.js';

const FORMAT_PARAMETER = { name: 'format', enum: [...FORMATS], required: false };
const TOOL = { name: 'create_task', description: 'Create one task.', inputSchema: { type: 'object' } };
const TOOL_SCHEMA = {
  type: 'object',
  description: 'A tool as MCP lists it.',
  required: ['name', 'inputSchema'],
  properties: { name: { type: 'string' }, inputSchema: { type: 'object', additionalProperties: true } },
  additionalProperties: true,
};
const DOCUMENT_OR_TOOL = { schema: { anyOf: [DOCUMENT.schema, TOOL_SCHEMA] }, example: TOOL };
const LIST_SCHEMA = { type: 'object', required: ['tools'], properties: { tools: { type: 'array', items: TOOL_SCHEMA } } };
const DOCUMENT_OR_LIST = { schema: { anyOf: [DOCUMENT.schema, LIST_SCHEMA] }, example: { tools: [TOOL] } };

/** The tools, described. */
@Documented(({ ApiTags }) => [ApiTags('documents')])
@Controller()
@DocumentRoutes()
export class DocumentsController {
  constructor(
    private readonly documents: ToolDocuments,
    private readonly views: RequestViews,
    private readonly events: SecurityEvents,
  ) {}

  @Get('openapi.json')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'getDocument', summary: 'The tools as an OpenAPI document, paths relative to /' }),
    ...answers(swagger, 'The document.', { 'application/json': DOCUMENT }, [400, 401, 500]),
  ])
  async root(@Req() request: RequestOfCaller): Promise<CachedDocument> {
    return this.documents.openApi('/', (await this.views.of(request)).permitted);
  }

  @Get('v1/openapi.json')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'getDocumentOfV1', summary: 'The tools as an OpenAPI document, paths relative to /v1' }),
    ...answers(swagger, 'The document.', { 'application/json': DOCUMENT }, [400, 401, 500]),
  ])
  async v1(@Req() request: RequestOfCaller): Promise<CachedDocument> {
    return this.documents.openApi('/v1', (await this.views.of(request)).permitted);
  }

  @Get('v1/tools')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'listTools', summary: 'The tools as an OpenAPI document, or as MCP lists them' }),
    swagger.ApiQuery(FORMAT_PARAMETER),
    ...answers(swagger, 'The document, or with format=mcp the list.', { 'application/json': DOCUMENT_OR_LIST }, [400, 401, 500]),
  ])
  async list(@Query('format') given: unknown, @Req() request: RequestOfCaller): Promise<CachedDocument> {
    const format = readFormat(given);
    const view = (await this.views.of(request)).permitted;
    return format === 'mcp' ? this.documents.mcp(view) : this.documents.openApi('/v1', view);
  }

  @Get('v1/tools/:name')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'getTool', summary: 'One tool' }),
    nameParameter(swagger, 'name', 'The tool, as /openapi.json names it.'),
    swagger.ApiQuery(FORMAT_PARAMETER),
    ...answers(swagger, 'Its document, or with format=mcp the tool.', { 'application/json': DOCUMENT_OR_TOOL }, [400, 401, 403, 404, 500]),
  ])
  async one(@Param('name') name: string, @Query('format') given: unknown, @Req() request: RequestOfCaller): Promise<CachedDocument> {
    const format = readFormat(given);
    const view = await this.views.of(request);
    const { permitted } = view;
    const document = format === 'mcp' ? this.documents.mcpOf(name, permitted) : this.documents.openApiOf(name, permitted);
    return document ?? this.refuse(name, view, request);
  }

  private refuse(name: string, { all, permitted }: CallerView, request: RequestOfCaller): never {
    if (!findEntry(all, name)) throw new ToolOutcomeException(toolNotFound(name, permitted));
    this.events.tell('denied_tool', request);
    throw new ToolOutcomeException(toolDenied(name));
  }
}
