import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Callback } from '../../../grants/callback.service.js';
import { PublicAddress } from '../../../grants/public-address.service.js';
import { notFound } from '../../../errors/gateway-errors.js';
import { page } from './page.js';

/** Where browsers come back to from authorization servers, and what these read of the gateway. Open to everybody: what counts is what is shown. */
@Controller('oauth')
export class OAuthController {
  constructor(
    private readonly callback: Callback,
    private readonly address: PublicAddress,
  ) {}

  @Get('callback')
  async back(@Req() request: Request, @Res() response: Response): Promise<void> {
    const returned = await this.callback.take(queryOf(request), undefined);
    if (returned.kind === 'granted')
      return page(response, 200, 'Authorized', [`The gateway may use "${returned.server}" now.`, 'This page can be closed.']);
    const of = returned.server === undefined ? [] : [`The gateway has no access to "${returned.server}" by this.`];
    return page(response, 400, 'Not authorized', [...of, returned.reason]);
  }

  /** The client as its id says (draft-ietf-oauth-client-id-metadata-document). */
  @Get('client.json')
  @Header('Cache-Control', 'max-age=300')
  client() {
    if (!this.address.isSecure) throw notFound('The gateway has no https PUBLIC_URL under which authorization servers could know it.');
    return {
      client_id: this.address.of('/oauth/client.json'),
      client_name: 'mcpo-proxy',
      redirect_uris: [this.address.of('/oauth/callback')],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }
}

/** Each name as it came, the first of each counts. */
function queryOf({ originalUrl }: Request): URLSearchParams {
  return new URL(originalUrl, 'http://localhost').searchParams;
}
