import type { RequestHandler } from 'express';

/** `/docs`, `/{server}/docs` and what belongs to them. */
const PAGES = /^\/(?:[^/?]+\/)?docs(?:[/?]|$)/;

/** The headers by which browsers guard our pages: scripts of our own only, no frames around them, no guessed types. Loaded by the first request for one. */
export function pageHeadersMiddleware(): RequestHandler {
  let guard: Promise<RequestHandler> | undefined;
  return (request, response, next) => {
    if (!PAGES.test(request.url)) return next();
    guard ??= makeGuard();
    guard.then((handle) => handle(request, response, next)).catch(next);
  };
}

async function makeGuard(): Promise<RequestHandler> {
  const { default: helmet } = await import('helmet');
  // Whether the host speaks HTTPS, and only that, is for what stands in front of the gateway to say.
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  }) as RequestHandler;
}
