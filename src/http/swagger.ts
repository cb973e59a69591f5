import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../config/version.js';

/** Swagger UI at /docs over two documents: the tools, read live, and the gateway's own endpoints at /gateway/openapi.json. */
export function setupSwagger(app: NestExpressApplication): void {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('mcpo-proxy')
    .setDescription("The gateway's own endpoints. The tools have a document of their own.")
    .setVersion(VERSION)
    .addBearerAuth()
    .build();
  const urls = [
    { name: 'Tools', url: '/openapi.json' },
    { name: 'Gateway', url: '/gateway/openapi.json' },
  ];
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), {
    customSiteTitle: 'mcpo-proxy',
    jsonDocumentUrl: 'gateway/openapi.json',
    yamlDocumentUrl: 'gateway/openapi.yaml',
    explorer: true,
    swaggerOptions: { urls, 'urls.primaryName': 'Tools', tryItOutEnabled: true, persistAuthorization: false, displayRequestDuration: true },
  });
}
