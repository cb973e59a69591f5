import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { toolDenied } from '../../../call/outcome/tool-denied.js';
import { toolNotFound } from '../../../call/outcome/tool-not-found.js';
import { findEntry } from '../../../discovery/catalog-snapshot.js';
import { Documented } from '../../../http/documented.decorator.js';
import { SecurityEvents } from '../../../metrics/security-events.js';
import type { CachedDocument } from '../../../translation/cached-document.js';
import { ToolDocuments } from '../../../translation/tool-documents.service.js';
import type { CallerView } from '../../../view/caller-view.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';
import { DocumentRoutes } from '../pipeline.js';
import { RequestViews } from './request-views.service.js';

/** `mcp` gives tools as MCP lists them; anything else OpenAPI. */
type Format = 'openapi' | 'mcp' | undefined;

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
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'The tools as an OpenAPI document, paths relative to /' })])
  async root(@Req() request: RequestOfCaller): Promise<CachedDocument> {
    return this.documents.openApi('/', (await this.views.of(request)).permitted);
  }

  @Get('v1/openapi.json')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'The tools as an OpenAPI document, paths relative to /v1' })])
  async v1(@Req() request: RequestOfCaller): Promise<CachedDocument> {
    return this.documents.openApi('/v1', (await this.views.of(request)).permitted);
  }

  @Get('v1/tools')
  @Documented(({ ApiOperation, ApiQuery }) => [
    ApiOperation({ summary: 'The tools as an OpenAPI document, or as MCP lists them' }),
    ApiQuery({ name: 'format', enum: ['openapi', 'mcp'], required: false }),
  ])
  async list(@Query('format') format: Format, @Req() request: RequestOfCaller): Promise<CachedDocument> {
    const view = (await this.views.of(request)).permitted;
    return format === 'mcp' ? this.documents.mcp(view) : this.documents.openApi('/v1', view);
  }

  @Get('v1/tools/:name')
  @Documented(({ ApiOperation, ApiQuery }) => [
    ApiOperation({ summary: 'One tool' }),
    ApiQuery({ name: 'format', enum: ['openapi', 'mcp'], required: false }),
  ])
  async one(@Param('name') name: string, @Query('format') format: Format, @Req() request: RequestOfCaller): Promise<CachedDocument> {
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
