import { Controller, Get, Header, Inject, NotFoundException, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { METADATA_PATH, resourceUrl } from './protected-resource.js';

/** The metadata of a protected resource (RFC 9728): by it clients find out whose tokens the gateway takes at an endpoint. Public, and nothing in it is secret. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller(METADATA_PATH.slice(1))
export class ProtectedResourceController {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  @Get()
  @Header('Cache-Control', 'public, max-age=300')
  all(@Req() request: Request): object {
    return this.metadata(request, '/mcp');
  }

  @Get('mcp')
  @Header('Cache-Control', 'public, max-age=300')
  mcp(@Req() request: Request): object {
    return this.metadata(request, '/mcp');
  }

  /** Whether there is such a server is nobody's to know who has no token. */
  @Get('mcp/:server')
  @Header('Cache-Control', 'public, max-age=300')
  server(@Req() request: Request): object {
    return this.metadata(request, `/mcp/${encodeURIComponent(String(request.params['server']))}`);
  }

  private metadata(request: Request, path: string): object {
    const { issuer } = this.settings.tokens;
    if (!issuer) throw new NotFoundException();
    return {
      resource: resourceUrl(request, this.settings, path),
      authorization_servers: [issuer.name],
      bearer_methods_supported: ['header'],
      resource_name: 'mcpo-proxy',
    };
  }
}
