import { Controller, Get, Header, NotFoundException, Param, Req, UseInterceptors } from '@nestjs/common';
import { HeedsKey } from '../auth/heeds-key.decorator.js';
import type { RequestContext } from '../../../correlation/request-context.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import { Documented } from '../../../http/documented.decorator.js';
import { swaggerPage, swaggerPageScript } from '../../../http/swagger-page.js';
import type { CachedDocument } from '../../../translation/cached-document.js';
import { DocumentInterceptor } from './document.interceptor.js';
import { ToolDocuments } from '../../../translation/tool-documents.service.js';
import type { CallRequest } from '../call-request.js';
import { CallersLists } from '../../../view/callers-lists.service.js';
import { PermittedCatalog } from '../../../view/permitted-catalog.service.js';

const PAGE_SCRIPT = 'swagger-ui-init.js';

/** The tools of each server alone, described. */
@Documented(({ ApiTags }) => [ApiTags('documents')])
@Controller(':server')
@HeedsKey(true)
export class ServerDocumentsController {
  constructor(
    private readonly documents: ToolDocuments,
    private readonly permitted: PermittedCatalog,
    private readonly lists: CallersLists,
  ) {}

  @Get('openapi.json')
  @UseInterceptors(DocumentInterceptor)
  @Documented(({ ApiOperation }) => [
    ApiOperation({ summary: 'The tools of one server as an OpenAPI document, paths relative to /{server}' }),
  ])
  async openApi(@Param('server') server: string, @Req() request: CallRequest): Promise<CachedDocument> {
    await this.lists.learn(request, server);
    return this.documentOf(server, request.context);
  }

  @Get('docs')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Documented(({ ApiOperation }) => [ApiOperation({ summary: 'Swagger UI for the tools of one server' })])
  async docs(@Param('server') server: string, @Req() { context }: CorrelatedRequest): Promise<string> {
    await this.documentOf(server, context);
    const { base } = this.documents;
    return swaggerPage({ title: server, assetsUrl: `${base}/docs`, scriptUrl: `${this.baseOf(server)}/docs/${PAGE_SCRIPT}` });
  }

  @Get(`docs/${PAGE_SCRIPT}`)
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Documented(({ ApiExcludeEndpoint }) => [ApiExcludeEndpoint()])
  async docsScript(@Param('server') server: string, @Req() { context }: CorrelatedRequest): Promise<string> {
    await this.documentOf(server, context);
    return swaggerPageScript(`${this.baseOf(server)}/openapi.json`);
  }

  private baseOf(server: string): string {
    return `${this.documents.base}/${encodeURIComponent(server)}`;
  }

  private documentOf(server: string, context: RequestContext): Promise<CachedDocument> {
    const document = this.documents.openApiOfServer(server, this.permitted.viewFor(context));
    if (!document) throw new NotFoundException();
    return document;
  }
}
