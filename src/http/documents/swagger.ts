import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { RequestHandler } from 'express';
import { publicPath } from '../../config/network/public-base.js';
import type { Settings } from '../../config/settings.js';
import { VERSION } from '../../config/version.js';
import { applyDocumentation } from './documented.decorator.js';
import { gatewayDocument } from './gateway-document.js';

/**
 * Swagger UI at /docs over two documents: the tools, read live, and the gateway's own endpoints at /gateway/openapi.json.
 * Loaded by the first request for it.
 */
export function swaggerMiddleware(app: NestExpressApplication, settings: Settings): RequestHandler {
  let site: Promise<RequestHandler> | undefined;
  return (request, response, next) => {
    if (!isOfSite(request.url)) return next();
    site ??= makeSite(app, settings);
    site.then((handle) => handle(request, response, next)).catch(next);
  };
}

function isOfSite(url: string): boolean {
  return url.startsWith('/docs') ? /^\/docs(?:[/?]|$)/.test(url) : url.startsWith('/gateway/');
}

async function makeSite(app: NestExpressApplication, settings: Settings): Promise<RequestHandler> {
  const swagger = await import('@nestjs/swagger');
  applyDocumentation(swagger);
  const builder = new swagger.DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('mcpo-proxy')
    .setDescription("The gateway's own endpoints. The tools have a document of their own.")
    .setVersion(VERSION);
  const describe = () => gatewayDocument(swagger.SwaggerModule.createDocument(app, builder.build()), settings) as OpenAPIObject;
  const base = publicPath(settings);
  const urls = [
    { name: 'Tools', url: `${base}/openapi.json` },
    { name: 'Gateway', url: `${base}/gateway/openapi.json` },
  ];
  const adapter = new ExpressAdapter();
  adapter.disable('x-powered-by');
  swagger.SwaggerModule.setup('docs', placeOf(adapter), describe, {
    customSiteTitle: 'mcpo-proxy',
    jsonDocumentUrl: 'gateway/openapi.json',
    yamlDocumentUrl: 'gateway/openapi.yaml',
    explorer: true,
    swaggerOptions: { urls, 'urls.primaryName': 'Tools', tryItOutEnabled: true, persistAuthorization: false, displayRequestDuration: true },
  });
  return adapter.getInstance<RequestHandler>();
}

/** Where Swagger puts its routes: the gateway's own router takes none after its start. */
function placeOf(adapter: ExpressAdapter): INestApplication {
  const place = {
    getHttpAdapter: () => adapter,
    useStaticAssets: (folder: string, options: { prefix: string }) => adapter.useStaticAssets(folder, options),
  };
  return place as unknown as INestApplication;
}
