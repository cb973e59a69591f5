import { applyDecorators, UseGuards, UseInterceptors } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import { AuthService } from '../../auth/auth.service.js';
import { OpenWebUiRequests } from '../../auth/open-webui-requests.service.js';
import { trustedOrigins } from '../../config/network/public-base.js';
import type { Settings } from '../../config/settings.js';
import { clientAddressBehind } from '../../correlation/client-address.js';
import { correlationMiddleware } from '../../http/correlation.middleware.js';
import { corsMiddleware } from '../../http/cors.middleware.js';
import { foreignCheck, foreignRequestsMiddleware } from '../../http/foreign-requests.middleware.js';
import { pageHeadersMiddleware } from '../../http/page-headers.middleware.js';
import { pathPrefixMiddleware } from '../../http/path-prefix.middleware.js';
import { probesOf } from '../../http/probe-requests.js';
import { requestHeadMiddleware } from '../../http/request-head.middleware.js';
import { requestEndMiddleware } from '../../http/request-end.middleware.js';
import { sequence } from '../../http/sequence.js';
import { swaggerMiddleware } from '../../http/documents/swagger.js';
import { HttpMetrics } from '../../metrics/http-metrics.js';
import { SecurityEvents } from '../../metrics/security-events.js';
import { AdminGuard } from './auth/admin.guard.js';
import { AuthGuard, OptionalAuthGuard } from './auth/auth.guard.js';
import { authMiddleware } from './auth/auth.middleware.js';
import { CallGuard } from './calls/call.guard.js';
import { McpErrorInterceptor } from './calls/mcp-error.interceptor.js';
import { CorrelationInterceptor } from './correlation.interceptor.js';
import { DocumentInterceptor } from './documents/document.interceptor.js';
import type { HttpRequest } from './http-request.js';
import { HttpRequestEnd } from './request-end.service.js';

/*
 * What an HTTP request passes, in order. First what every request passes, whatever it asks for; then its route, if it has one, with one of
 * the decorators below; and where any of it fails, the exception filter (failures/http-exception.filter.ts), which writes every error.
 */

/** What every request passes before its route is looked for. */
export function requestPipeline(app: NestExpressApplication, settings: Settings): RequestHandler {
  const the = <T>(token: new (...args: never[]) => T): T => app.get<T>(token as new () => T, { strict: false });
  const isProbe = probesOf(settings.pathPrefix);
  const forwarded = settings.upstreams.flatMap(({ forwardHeaders }) => forwardHeaders);
  return sequence([
    correlationMiddleware(clientAddressBehind(settings.trustProxy)),
    noteOpenWebUi(the(OpenWebUiRequests)),
    requestEndMiddleware(the(HttpRequestEnd), the(HttpMetrics), the(SecurityEvents)),
    requestHeadMiddleware(),
    corsMiddleware(settings.corsOrigins, forwarded),
    foreignRequestsMiddleware(foreignCheck(settings.allowedHosts, trustedOrigins(settings)), isProbe),
    pathPrefixMiddleware(settings.pathPrefix, isProbe),
    pageHeadersMiddleware(),
    ...(settings.metricsAuth ? [authMiddleware(the(AuthService), isScrape)] : []),
    ...(settings.strictAuth ? [authMiddleware(the(AuthService), (request) => !isProbe(request) && !mayComeWithoutKey(request))] : []),
    swaggerMiddleware(app, settings),
  ]);
}

/** As Express reads the path: of a whole URL, too. */
function isScrape({ path }: HttpRequest): boolean {
  return /^\/metrics\/?$/i.test(path);
}

function noteOpenWebUi(requests: OpenWebUiRequests): RequestHandler {
  return (request, _, next) => {
    requests.note(request.headers);
    next();
  };
}

/**
 * Browsers come to some paths from authorization servers, and hold no key; clients of MCP ask before they have one where it is to be had. `/mcp`
 * and the chat let nobody in without either, but say so by themselves, as their clients understand it.
 */
function mayComeWithoutKey({ path }: HttpRequest): boolean {
  return OF_BROWSERS.test(path) || OF_MCP_CLIENTS.test(path) || OF_CHAT.test(path);
}

const OF_BROWSERS = /^\/oauth\/(?:callback|signed-in|client\.json|authorize\/[\w-]+)\/?$/i;
const OF_CHAT = /^\/v1\/(?:models|chat\/completions)\/?$/i;
const OF_MCP_CLIENTS = /^\/(?:mcp(?:\/[^/]+)?|\.well-known\/oauth-protected-resource(?:\/mcp(?:\/[^/]+)?)?)\/?$/i;

/**
 * A call's route: who calls, its place and its limits; for whom it runs; its body is read, and the call done; its outcome is written.
 * `POST /v1/tools/{name}` passes the same by {@link CallLane}.
 */
export const CallRoutes = () => applyDecorators(UseGuards(CallGuard), UseInterceptors(CorrelationInterceptor, McpErrorInterceptor));

/** Documents: public, and as much of them as the caller may see. */
export const DocumentRoutes = () =>
  applyDecorators(UseGuards(OptionalAuthGuard), UseInterceptors(CorrelationInterceptor, DocumentInterceptor));

/** Pages about documents. */
export const PageRoutes = () => applyDecorators(UseGuards(OptionalAuthGuard), UseInterceptors(CorrelationInterceptor));

/** What only known callers may see. Health and metrics have no decorator: they are for everybody, and health asks by itself who may see more. */
export const CallerRoutes = () => applyDecorators(UseGuards(AuthGuard), UseInterceptors(CorrelationInterceptor));

/** What only those may see who run the gateway. */
export const AdminRoutes = () => applyDecorators(UseGuards(AdminGuard), UseInterceptors(CorrelationInterceptor));
