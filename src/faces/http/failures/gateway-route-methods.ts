import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { callerOf } from '../../../http/caller-of.js';
import type { CatalogSnapshot } from '../../../discovery/catalog-snapshot.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import { methodsOfRoutes } from '../../../http/framework/methods-of-routes.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import { RouteMethods } from './route-methods.js';

const READ = ['GET', 'HEAD'];
/** Swagger UI and the gateway's own document, which have a router of their own. */
const SITE = /^\/(?:docs(?:\/.*)?|gateway\/openapi\.(?:json|yaml))$/i;
const OF_SERVER = /^\/([^/]+)\/([^/]+)\/?$/;
const OF_ONLY_SERVER = /^\/([^/]+)\/?$/;

/** The methods of the gateway's routes, and of those that exist because a server or tool does that the caller may see. */
@Injectable()
export class GatewayRouteMethods extends RouteMethods {
  constructor(
    private readonly views: CallerViews,
    private readonly host: HttpAdapterHost,
  ) {
    super();
  }

  override at(request: CorrelatedRequest): readonly string[] {
    const { path } = request;
    if (SITE.test(path)) return READ;
    const { permitted } = this.views.known(callerOf(request));
    return [...new Set([...this.ofOwnRoutes(path), ...ofServer(path, permitted), ...ofOnlyServer(path, permitted)])].sort();
  }

  private ofOwnRoutes(path: string): string[] {
    return methodsOfRoutes(this.host.httpAdapter.getInstance<{ router: { stack: unknown } }>(), path);
  }
}

function ofServer(path: string, { servers }: CatalogSnapshot): readonly string[] {
  const [server, name] = segmentsOf(OF_SERVER, path);
  if (server === undefined || !servers.has(server)) return [];
  return name === 'openapi.json' || name === 'docs' ? READ : ['POST'];
}

function ofOnlyServer(path: string, { naming, entries }: CatalogSnapshot): readonly string[] {
  const [name] = segmentsOf(OF_ONLY_SERVER, path);
  return name !== undefined && naming === 'bare' && entries.has(name) ? ['POST'] : [];
}

function segmentsOf(shape: RegExp, path: string): string[] {
  try {
    return shape.exec(path)?.slice(1).map(decodeURIComponent) ?? [];
  } catch {
    return [];
  }
}
