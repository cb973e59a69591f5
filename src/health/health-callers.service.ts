import { Inject, Injectable } from '@nestjs/common';
import { AuthService, type RequestToJudge } from '../auth/auth.service.js';
import { hasCredentials, SETTINGS, type Settings } from '../config/settings.js';
import { ANONYMOUS, type Principal } from '../correlation/principal.js';
import { GatewayException } from '../errors/gateway.exception.js';

/** Who asks for health. */
@Injectable()
export class HealthCallers {
  private readonly isOpen: boolean;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly auth: AuthService,
  ) {
    this.isOpen = !hasCredentials(settings);
  }

  /**
   * Undefined for one who may see no more than the status. That is also one whose credentials are wrong, or cannot be judged now: a probe
   * with yesterday's key must not take a gateway for dead. It is told as a security event as everywhere.
   */
  async of(request: RequestToJudge): Promise<Principal | undefined> {
    if (this.isOpen) return ANONYMOUS;
    if (!request.headers.authorization) return undefined;
    try {
      return await this.auth.authenticate(request);
    } catch (error) {
      if (error instanceof GatewayException) return undefined;
      throw error;
    }
  }
}
