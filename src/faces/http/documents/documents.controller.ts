import { Controller, Get, Param, Query, Req, UseInterceptors } from '@nestjs/common';
import { HeedsKey } from '../auth/heeds-key.decorator.js';
import { type CatalogSnapshot, findEntry } from '../../../discovery/catalog-snapshot.js';
import { ToolOutcomeException } from '../tool-outcome.exception.js';
import { SecurityEvents } from '../../../metrics/security-events.js';
import type { CachedDocument } from '../../../translation/cached-document.js';
import { DocumentInterceptor } from './document.interceptor.js';
import { ToolDocuments } from '../../../translation/tool-documents.service.js';
import { Documented } from '../../../http/documented.decorator.js';
import type { CallRequest } from '../call-request.js';
import { CallersLists } from '../../../view/callers-lists.service.js';
import { PermittedCatalog } from '../../../view/permitted-catalog.service.js';
import { toolDenied } from '../../../call/outcome/tool-denied.js';
import { toolNotFound } from '../../../call/outcome/tool-not-found.js';

/** `mcp` gives tools as MCP lists them; anything else OpenAPI. */
type Format = 'openapi' | 'mcp' | undefined;

/** The tools, described. */
@Documented(({ ApiTags }) => [ApiTags('documents')])
@Controller()
@HeedsKey(true)
@UseInterceptors(DocumentInterceptor)
export class DocumentsController {
  constructor(
    private readonly documents: ToolDocuments,
    private readonly lists: CallersLists,
    private readonly permitted: PermittedCatalog,
    private readonly events: SecurityEvents,
  ) {}

  @Get('openapi.json')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'The tools as an OpenAPI document, paths relative to /' })])
  async root(@Req() request: CallRequest): Promise<CachedDocument> {
    return this.documents.openApi('/', await this.viewFor(request));
  }

  @Get('v1/openapi.json')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'The tools as an OpenAPI document, paths relative to /v1' })])
  async v1(@Req() request: CallRequest): Promise<CachedDocument> {
    return this.documents.openApi('/v1', await this.viewFor(request));
  }

  @Get('v1/tools')
  @Documented(({ ApiOperation, ApiQuery }) => [
    ApiOperation({ summary: 'The tools as an OpenAPI document, or as MCP lists them' }),
    ApiQuery({ name: 'format', enum: ['openapi', 'mcp'], required: false }),
  ])
  async list(@Query('format') format: Format, @Req() request: CallRequest): Promise<CachedDocument> {
    const view = await this.viewFor(request);
    return format === 'mcp' ? this.documents.mcp(view) : this.documents.openApi('/v1', view);
  }

  @Get('v1/tools/:name')
  @Documented(({ ApiOperation, ApiQuery }) => [
    ApiOperation({ summary: 'One tool' }),
    ApiQuery({ name: 'format', enum: ['openapi', 'mcp'], required: false }),
  ])
  async one(@Param('name') name: string, @Query('format') format: Format, @Req() request: CallRequest): Promise<CachedDocument> {
    const view = await this.viewFor(request);
    const document = format === 'mcp' ? this.documents.mcpOf(name, view) : this.documents.openApiOf(name, view);
    return document ?? this.refuse(name, view, request);
  }

  private async viewFor(request: CallRequest): Promise<CatalogSnapshot> {
    await this.lists.learn(request);
    return this.permitted.viewFor(request.context);
  }

  private refuse(name: string, view: CatalogSnapshot, request: CallRequest): never {
    if (!findEntry(this.lists.snapshotFor(request.context), name)) throw new ToolOutcomeException(toolNotFound(name, view));
    this.events.tell('denied_tool', request);
    throw new ToolOutcomeException(toolDenied(name));
  }
}
