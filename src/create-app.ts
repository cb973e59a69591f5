import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { RequestHandler } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { AuthService } from './auth/auth.service.js';
import { strictAuthMiddleware } from './auth/strict-auth.middleware.js';
import type { Settings } from './config/settings.js';
import { clientAddressBehind } from './correlation/client-address.js';
import { correlationMiddleware } from './correlation/correlation.middleware.js';
import { accessLogMiddleware } from './http/access-log.middleware.js';
import { answerClientErrors } from './http/client-errors.js';
import { corsMiddleware } from './http/cors.middleware.js';
import { FastExpressAdapter } from './http/fast-express.adapter.js';
import { foreignRequestsMiddleware } from './http/foreign-requests.middleware.js';
import { pageHeadersMiddleware } from './http/page-headers.middleware.js';
import { pathPrefixMiddleware } from './http/path-prefix.middleware.js';
import { rawBodyMiddleware } from './http/raw-body.middleware.js';
import { sequence } from './http/sequence.js';
import { swaggerMiddleware } from './http/swagger.js';
import { createLogger, JsonLoggerService } from './logging/json-logger.js';
import { CallSlots } from './throttler/call-slots.js';
import { callSlotsMiddleware } from './throttler/call-slots.middleware.js';
import { runPromiseInterceptors } from './pipeline/run-promise-interceptors.js';
import { HttpMetrics } from './metrics/http-metrics.js';
import { SecurityEvents } from './metrics/security-events.js';

/** The whole gateway for these settings; it listens when told to. */
export async function createApp(settings: Settings): Promise<NestExpressApplication> {
  runPromiseInterceptors();
  const logger = createLogger(settings.logLevel);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), new FastExpressAdapter(), {
    logger: new JsonLoggerService(logger),
    bodyParser: false,
    abortOnError: false,
    ...(settings.tls && { httpsOptions: settings.tls }),
  });
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  answerClientErrors(app.getHttpServer() as Server, logger, app.get(HttpMetrics));
  const accessLog = accessLogMiddleware(logger, app.get(HttpMetrics), app.get(SecurityEvents)) as RequestHandler;
  const foreign = foreignRequestsMiddleware(settings.allowedHosts, settings.corsOrigins);
  const prefix = pathPrefixMiddleware(settings.pathPrefix);
  const strictAuth = settings.strictAuth ? [strictAuthMiddleware(app.get(AuthService, { strict: false }))] : [];
  const swagger = swaggerMiddleware(app, `${settings.rootPath}${settings.pathPrefix}`);
  const slots = callSlotsMiddleware(app.get(CallSlots, { strict: false }));
  const beforeBody = [
    correlationMiddleware(clientAddressBehind(settings.trustProxy)),
    accessLog,
    corsMiddleware(
      settings.corsOrigins,
      settings.upstreams.flatMap(({ forwardHeaders }) => forwardHeaders),
    ),
    foreign,
    prefix,
    pageHeadersMiddleware(),
    slots,
    ...strictAuth,
  ];
  app.use(sequence([...beforeBody, rawBodyMiddleware(settings.maxBodyBytes), swagger]));
  return app;
}
