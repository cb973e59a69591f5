import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Settings } from './config/settings.js';
import { CallLane } from './faces/http/calls/call-lane.service.js';
import type { RequestOfCaller } from './faces/http/correlation.interceptor.js';
import { HttpExceptionFilter } from './faces/http/failures/http-exception.filter.js';
import { requestPipeline } from './faces/http/pipeline.js';
import { McpLane } from './faces/mcp/http/mcp-lane.service.js';
import type { McpRequest } from './faces/mcp/http/mcp-request.js';
import { SocketsAdapter } from './faces/ws/upgrade/sockets.adapter.js';
import { answerClientErrors } from './http/connections/client-errors.js';
import { limitConnections } from './http/connections/connection-limit.js';
import { UnreadAnswers } from './http/connections/unread-answers.js';
import { tellPlainHttp } from './http/connections/plain-http.js';
import { FastExpressAdapter } from './http/framework/fast-express.adapter.js';
import { runPromiseInterceptors } from './http/framework/run-promise-interceptors.js';
import { AccessLog } from './logging/access-log.js';
import { createLogger, JsonLoggerService } from './logging/json-logger.js';
import { METRICS } from './metrics/metric-names.js';
import { StateGauges } from './metrics/state-gauges.js';
import { HttpMetrics } from './metrics/http-metrics.js';

/** What a gateway stands on, where that is not the usual. */
export interface Foundation {
  readonly adapter?: FastExpressAdapter;
  readonly logger?: Logger;
}

/** The whole gateway for these settings; it listens when told to. */
export async function createApp(settings: Settings, on: Foundation = {}): Promise<NestExpressApplication> {
  runPromiseInterceptors();
  const { adapter = new FastExpressAdapter(), logger = createLogger(settings.logLevel) } = on;
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings, new AccessLog(logger)), adapter, {
    logger: new JsonLoggerService(logger),
    bodyParser: false,
    abortOnError: false,
    ...(settings.tls && { httpsOptions: settings.tls }),
  });
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.useGlobalFilters(app.get(HttpExceptionFilter, { strict: false }));
  const server = app.getHttpServer() as Server;
  limitConnections(server, logger);
  const unread = app.get(UnreadAnswers, { strict: false });
  unread.watch(server);
  app.get(StateGauges).show(METRICS.httpConnections, () => [{ value: unread.connections }]);
  tellPlainHttp(server, logger);
  answerClientErrors(server, logger, app.get(HttpMetrics));
  const lane = app.get(CallLane, { strict: false });
  adapter.useLane(CallLane.path, (request, response, next) => lane.handle(request as RequestOfCaller, response, next));
  const mcp = app.get(McpLane, { strict: false });
  for (const path of McpLane.paths) adapter.useLane(path, (request) => void mcp.handle(request as McpRequest));
  const sockets = new SocketsAdapter(app, settings);
  app.useWebSocketAdapter(sockets);
  adapter.useUpgrades(sockets.isUpgrade);
  adapter.usePipeline(requestPipeline(app, settings));
  return app;
}
