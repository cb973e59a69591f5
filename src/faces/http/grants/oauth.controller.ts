import { randomBytes } from 'node:crypto';
import { Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { notFound } from '../../../errors/gateway-errors.js';
import { GrantLinks } from '../../../grants/grant-links.service.js';
import { PublicAddress } from '../../../grants/public-address.service.js';
import { Documented } from '../../../http/documents/documented.decorator.js';
import { BROWSER_COOKIE, browserOf, queryOf } from './browser-request.js';
import { GrantSteps } from './grant-steps.service.js';
import { page } from './page.js';

const COOKIE_SECONDS = 1_200;
const USED = 'This link was used before, is too old, or was never given out: call the tool again for a new one.';

/** Where browsers come to authorize servers, and come back to. Open to everybody: what counts is what they bring. No program calls it. */
@Documented(({ ApiExcludeController }) => [ApiExcludeController()])
@Controller('oauth')
export class OAuthController {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly steps: GrantSteps,
    private readonly links: GrantLinks,
    private readonly address: PublicAddress,
  ) {}

  /** Nothing is used up by it: programs look at links, too. */
  @Get('authorize/:id')
  async ask(@Param('id') id: string, @Res() response: Response): Promise<void> {
    const link = await this.links.peek(id);
    if (!link) return page(response, 404, 'Not authorized', [USED]);
    const { server, account } = link;
    const next = this.settings.signIn
      ? 'You will be asked to sign in, so that it is surely you.'
      : 'Go on only if you asked for this yourself, just now, and this is your account.';
    const form = '<form method="post" action=""><button type="submit">Authorize</button></form>';
    page(response, 200, 'Authorize', [`The gateway is to use "${server}" for the account ${account}, in your name.`, next], form);
  }

  @Post('authorize/:id')
  @HttpCode(303)
  async go(@Param('id') id: string, @Res() response: Response): Promise<void> {
    const link = await this.links.take(id);
    if (!link || !this.links.isPossible) return page(response, 404, 'Not authorized', [USED]);
    const browser = randomBytes(32).toString('base64url');
    const secure = this.address.isSecure ? '; Secure' : '';
    response.setHeader(
      'Set-Cookie',
      `${BROWSER_COOKIE}=${browser}; Path=${new URL(this.address.of('/oauth')).pathname}; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure}`,
    );
    await this.steps.goOn(response, () =>
      this.settings.signIn ? this.steps.signIn.begin(link, browser) : this.steps.begin(link, browser),
    );
  }

  @Get('signed-in')
  async signedIn(@Req() request: Request, @Res() response: Response): Promise<void> {
    const browser = browserOf(request);
    const link = await this.steps.signIn.finish(queryOf(request), browser);
    if (typeof link === 'string') return page(response, 403, 'Not authorized', [link]);
    await this.steps.goOn(response, () => this.steps.begin(link, browser as string));
  }

  @Get('callback')
  async back(@Req() request: Request, @Res() response: Response): Promise<void> {
    const returned = await this.steps.callback.take(queryOf(request), browserOf(request));
    if (returned.kind === 'granted')
      return page(response, 200, 'Authorized', [`The gateway may use "${returned.server}" now.`, 'This page can be closed.']);
    const of =
      returned.server === undefined ? [] : [`The gateway has no access to "${returned.server}" by this. Ask for a new link to try again.`];
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
