import { Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { grantLinkSchema, ownGrantsSchema, revokedGrantSchema } from './documented-grants.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { answers, nameParameter } from '../../../http/documents/documented-answers.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { CallerRoutes } from '../pipeline.js';
import { CallerGrants, type GrantReport } from './caller-grants.service.js';

/** What callers have granted to the gateway. */
@Documented(({ ApiBearerAuth, ApiTags }) => [ApiTags('servers'), ApiBearerAuth('bearerAuth')])
@Controller('v1/grants')
@CallerRoutes()
export class GrantsController {
  constructor(private readonly grants: CallerGrants) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({
      operationId: 'listGrants',
      summary: 'What the caller has granted to the gateway at authorization servers; admins see all',
    }),
    ...answers(swagger, 'The grants.', { 'application/json': ownGrantsSchema }, [401, 500]),
  ])
  async list(@Req() { context }: RequestOfCaller): Promise<{ grants: GrantReport[] }> {
    return { grants: await this.grants.of(context.principal) };
  }

  @Post(':server')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({ operationId: 'createGrantLink', summary: 'A link by which the caller authorizes a server for themselves' }),
    nameParameter(swagger, 'server', 'Name of the server.'),
    ...answers(swagger, 'The link.', { 'application/json': grantLinkSchema }, [401, 403, 404, 500]),
  ])
  async link(@Param('server') server: string, @Req() { context }: RequestOfCaller): Promise<{ url: string }> {
    return { url: await this.grants.linkOf(context.principal, server) };
  }

  @Delete(':server')
  @Header('Cache-Control', 'no-store')
  @Documented((swagger) => [
    swagger.ApiOperation({
      operationId: 'deleteGrant',
      summary: 'Takes a grant back at its authorization server, where that can be, and forgets it',
    }),
    nameParameter(swagger, 'server', 'Name of the server.'),
    ...answers(swagger, 'What became of it.', { 'application/json': revokedGrantSchema }, [401, 403, 404, 500]),
  ])
  async revoke(
    @Param('server') server: string,
    @Query('owner') owner: string | undefined,
    @Req() { context }: RequestOfCaller,
  ): Promise<{ server: string; revoked: boolean }> {
    return { server, revoked: await this.grants.revoke(context.principal, server, owner) };
  }
}
