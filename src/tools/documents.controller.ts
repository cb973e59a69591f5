import { Controller, Get, Param, Query, UseInterceptors } from '@nestjs/common';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { ToolOutcomeException } from '../errors/tool-outcome.exception.js';
import type { CachedDocument } from '../translation/cached-document.js';
import { DocumentInterceptor } from '../translation/document.interceptor.js';
import { ToolDocuments } from '../translation/tool-documents.service.js';
import { Documented } from '../http/documented.decorator.js';
import { toolNotFound } from './tool-not-found.js';

/** `mcp` gives tools as MCP lists them; anything else OpenAPI. */
type Format = 'openapi' | 'mcp' | undefined;

/** The tools, described. */
@Documented(({ ApiTags }) => [ApiTags('documents')])
@Controller()
@UseInterceptors(DocumentInterceptor)
export class DocumentsController {
  constructor(
    private readonly documents: ToolDocuments,
    private readonly catalog: ToolCatalog,
  ) {}

  @Get('openapi.json')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'The tools as an OpenAPI document, paths relative to /' })])
  root(): Promise<CachedDocument> {
    return this.documents.openApi('/');
  }

  @Get('v1/openapi.json')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'The tools as an OpenAPI document, paths relative to /v1' })])
  v1(): Promise<CachedDocument> {
    return this.documents.openApi('/v1');
  }

  @Get('v1/tools')
  @Documented(({ ApiOperation, ApiQuery }) => [
    ApiOperation({ summary: 'The tools as an OpenAPI document, or as MCP lists them' }),
    ApiQuery({ name: 'format', enum: ['openapi', 'mcp'], required: false }),
  ])
  list(@Query('format') format: Format): Promise<CachedDocument> {
    return format === 'mcp' ? this.documents.mcp() : this.documents.openApi('/v1');
  }

  @Get('v1/tools/:name')
  @Documented(({ ApiOperation, ApiQuery }) => [
    ApiOperation({ summary: 'One tool' }),
    ApiQuery({ name: 'format', enum: ['openapi', 'mcp'], required: false }),
  ])
  one(@Param('name') name: string, @Query('format') format: Format): Promise<CachedDocument> {
    const document = format === 'mcp' ? this.documents.mcpOf(name) : this.documents.openApiOf(name);
    return document ?? this.refuse(name);
  }

  private refuse(name: string): never {
    throw new ToolOutcomeException(toolNotFound(name, this.catalog.snapshot()));
  }
}
