import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { Request, RequestHandler } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { authMiddleware } from './faces/http/auth/auth.middleware.js';
import { AuthService } from './auth/auth.service.js';
import type { Settings } from './config/settings.js';
import { clientAddressBehind } from './correlation/client-address.js';
import { correlationMiddleware } from './http/correlation.middleware.js';
import { accessLogMiddleware } from './http/access-log.middleware.js';
import { answerClientErrors } from './http/client-errors.js';
import { limitConnections } from './http/connection-limit.js';
import { corsMiddleware } from './http/cors.middleware.js';
import { FastExpressAdapter } from './http/framework/fast-express.adapter.js';
import { foreignRequestsMiddleware } from './http/foreign-requests.middleware.js';
import { pageHeadersMiddleware } from './http/page-headers.middleware.js';
import { pathPrefixMiddleware } from './http/path-prefix.middleware.js';
import { probesOf } from './http/probe-requests.js';
import { rawBodyMiddleware } from './http/raw-body.middleware.js';
import { sequence } from './http/sequence.js';
import { swaggerMiddleware } from './http/swagger.js';
import { createLogger, JsonLoggerService } from './logging/json-logger.js';
import { CallSlots } from './throttler/call-slots.js';
import { callSlotsMiddleware } from './faces/http/limits/call-slots.middleware.js';
import { runPromiseInterceptors } from './http/framework/run-promise-interceptors.js';
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
  const server = app.getHttpServer() as Server;
  limitConnections(server, logger);
  answerClientErrors(server, logger, app.get(HttpMetrics));
  const accessLog = accessLogMiddleware(logger, app.get(HttpMetrics), app.get(SecurityEvents)) as RequestHandler;
  const isProbe = probesOf(settings.pathPrefix);
  const foreign = foreignRequestsMiddleware(settings.allowedHosts, settings.corsOrigins, isProbe);
  const prefix = pathPrefixMiddleware(settings.pathPrefix, isProbe);
  // What is posted is a call, and has a body.
  const isAsked = settings.strictAuth ? (request: Request) => !isProbe(request) : ({ method }: Request) => method === 'POST';
  const auth = authMiddleware(app.get(AuthService, { strict: false }), isAsked);
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
    auth,
  ];
  app.use(sequence([...beforeBody, rawBodyMiddleware(settings.maxBodyBytes), swagger]));
  return app;
}
