import { Controller, Get, Header, NotFoundException, Param, Req, UseInterceptors } from '@nestjs/common';
import { HeedsKey } from '../auth/heeds-key.decorator.js';
import type { CorrelatedRequest } from '../correlation/correlation.middleware.js';
import type { Principal } from '../correlation/principal.js';
import { Documented } from '../http/documented.decorator.js';
import { swaggerPage, swaggerPageScript } from '../http/swagger-page.js';
import type { CachedDocument } from '../translation/cached-document.js';
import { DocumentInterceptor } from '../translation/document.interceptor.js';
import { ToolDocuments } from '../translation/tool-documents.service.js';
import { PermittedCatalog } from './permitted-catalog.service.js';

const PAGE_SCRIPT = 'swagger-ui-init.js';

/** The tools of each server alone, described. */
@Documented(({ ApiTags }) => [ApiTags('documents')])
@Controller(':server')
@HeedsKey(true)
export class ServerDocumentsController {
  constructor(
    private readonly documents: ToolDocuments,
    private readonly permitted: PermittedCatalog,
  ) {}

  @Get('openapi.json')
  @UseInterceptors(DocumentInterceptor)
  @Documented(({ ApiOperation }) => [
    ApiOperation({ summary: 'The tools of one server as an OpenAPI document, paths relative to /{server}' }),
  ])
  openApi(@Param('server') server: string, @Req() { context }: CorrelatedRequest): Promise<CachedDocument> {
    return this.documentOf(server, context.principal);
  }

  @Get('docs')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'Swagger UI for the tools of one server' })])
  async docs(@Param('server') server: string, @Req() { context }: CorrelatedRequest): Promise<string> {
    await this.documentOf(server, context.principal);
    const { base } = this.documents;
    return swaggerPage({ title: server, assetsUrl: `${base}/docs`, scriptUrl: `${this.baseOf(server)}/docs/${PAGE_SCRIPT}` });
  }

  @Get(`docs/${PAGE_SCRIPT}`)
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Documented(({ ApiExcludeEndpoint }) => [ApiExcludeEndpoint()])
  async docsScript(@Param('server') server: string, @Req() { context }: CorrelatedRequest): Promise<string> {
    await this.documentOf(server, context.principal);
    return swaggerPageScript(`${this.baseOf(server)}/openapi.json`);
  }

  private baseOf(server: string): string {
    return `${this.documents.base}/${encodeURIComponent(server)}`;
  }

  private documentOf(server: string, principal: Principal): Promise<CachedDocument> {
    const document = this.documents.openApiOfServer(server, this.permitted.viewFor(principal));
    if (!document) throw new NotFoundException();
    return document;
  }
}
