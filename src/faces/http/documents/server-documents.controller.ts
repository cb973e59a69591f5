import { Controller, Get, Header, NotFoundException, Param, Req } from '@nestjs/common';
import type { CatalogSnapshot } from '../../../discovery/catalog-snapshot.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers, DOCUMENT, nameParameter } from '../../../http/documents/documented-answers.js';
import { swaggerPage, swaggerPageScript } from '../../../http/documents/swagger-page.js';
import type { CachedDocument } from '../../../translation/cached-document.js';
import { ToolDocuments } from '../../../translation/tool-documents.service.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { DocumentRoutes, PageRoutes } from '../pipeline.js';
import { RequestViews } from './request-views.service.js';

const PAGE = { schema: { type: 'string' }, example: '<!DOCTYPE html>' };
const PAGE_SCRIPT = 'swagger-ui-init.js';

/** The tools of each server alone, described. */
@Documented(({ ApiTags }) => [ApiTags('documents')])
@Controller(':server')
export class ServerDocumentsController {
  constructor(
    private readonly documents: ToolDocuments,
    private readonly views: RequestViews,
    private readonly callerViews: CallerViews,
  ) {}

  @Get('openapi.json')
  @DocumentRoutes()
  @Documented((swagger) => [
    swagger.ApiOperation({
      operationId: 'getDocumentOfServer',
      summary: 'The tools of one server as an OpenAPI document, paths relative to /{server}',
    }),
    nameParameter(swagger, 'server', 'The server, as the config file names it.'),
    ...answers(swagger, 'The document.', { 'application/json': DOCUMENT }, [400, 401, 404, 500]),
  ])
  async openApi(@Param('server') server: string, @Req() request: RequestOfCaller): Promise<CachedDocument> {
    return this.documentOf(server, (await this.views.of(request, server)).permitted);
  }

  @Get('docs')
  @PageRoutes()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'getPageOfServer', summary: 'Swagger UI for the tools of one server' }),
    nameParameter(swagger, 'server', 'The server, as the config file names it.'),
    ...answers(swagger, 'The page.', { 'text/html': PAGE }, [401, 404, 500]),
  ])
  async docs(@Param('server') server: string, @Req() { caller }: RequestOfCaller): Promise<string> {
    await this.documentOf(server, this.callerViews.known(caller).permitted);
    const { base } = this.documents;
    return swaggerPage({ title: server, assetsUrl: `${base}/docs`, scriptUrl: `${this.baseOf(server)}/docs/${PAGE_SCRIPT}` });
  }

  @Get(`docs/${PAGE_SCRIPT}`)
  @PageRoutes()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Documented(({ ApiExcludeEndpoint }) => [ApiExcludeEndpoint()])
  async docsScript(@Param('server') server: string, @Req() { caller }: RequestOfCaller): Promise<string> {
    await this.documentOf(server, this.callerViews.known(caller).permitted);
    return swaggerPageScript(`${this.baseOf(server)}/openapi.json`);
  }

  private baseOf(server: string): string {
    return `${this.documents.base}/${encodeURIComponent(server)}`;
  }

  private documentOf(server: string, permitted: CatalogSnapshot): Promise<CachedDocument> {
    const document = this.documents.openApiOfServer(server, permitted);
    if (!document) throw new NotFoundException();
    return document;
  }
}
