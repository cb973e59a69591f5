import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import type { CatalogSnapshot } from '../../discovery/catalog-snapshot.js';
import { RouteMethods } from './route-methods.js';
import { PermittedCatalog } from '../../view/permitted-catalog.service.js';

/** What is read of Express' router. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

const READ = ['GET', 'HEAD'];
/** Swagger UI and the gateway's own document, which have a router of their own. */
const SITE = /^\/(?:docs(?:\/.*)?|gateway\/openapi\.(?:json|yaml))$/i;
const OF_SERVER = /^\/([^/]+)\/([^/]+)\/?$/;
const OF_ONLY_SERVER = /^\/([^/]+)\/?$/;

/** The methods of the gateway's routes, and of those that exist because a server or tool does that the caller may see. */
@Injectable()
export class GatewayRouteMethods extends RouteMethods {
  constructor(
    private readonly permitted: PermittedCatalog,
    private readonly host: HttpAdapterHost,
  ) {
    super();
  }

  override at({ path, context }: CorrelatedRequest): readonly string[] {
    if (SITE.test(path)) return READ;
    const view = this.permitted.viewFor(context);
    return [...new Set([...this.ofOwnRoutes(path), ...ofServer(path, view), ...ofOnlyServer(path, view)])].sort();
  }

  private ofOwnRoutes(path: string): string[] {
    const { router } = this.host.httpAdapter.getInstance<{ router: { stack: Layer[] } }>();
    const matching = router.stack.filter(({ route }) => route && !route.path.startsWith('/:')).filter((layer) => layer.match(path));
    const methods = matching.flatMap(({ route }) => Object.keys(route?.methods ?? {})).map((method) => method.toUpperCase());
    return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
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
