import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { SETTINGS, type Settings } from '../config/settings.js';
import { CatalogIndicator } from './catalog.indicator.js';
import { ServerChecks } from './server-checks.service.js';

/**
 * Whether what READY_POLICY asks for is there. By default that is any catalogue at all, be it the one that says what is wrong: taking a
 * gateway out of service would not bring its servers back.
 */
@Injectable()
export class ReadinessIndicator {
  constructor(
    private readonly catalog: CatalogIndicator,
    private readonly servers: ServerChecks,
    private readonly indicators: HealthIndicatorService,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'readyPolicy'>,
  ) {}

  check(): HealthIndicatorResult {
    const tools = this.catalog.details(() => true);
    const missing = this.missing();
    const indicator = this.indicators.check('tools');
    if (missing.length > 0) return indicator.down({ ...tools, waiting_for: missing });
    return this.catalog.isTried() ? indicator.up(tools) : indicator.down(tools);
  }

  /** Servers that the policy waits for. */
  private missing(): string[] {
    const { readyPolicy } = this.settings;
    const unlisted = this.catalog.unlisted();
    if (readyPolicy === 'any') return [];
    if (readyPolicy === 'all') return unlisted;
    return readyPolicy.filter((name) => unlisted.includes(name) || this.servers.statusOf(name) !== 'up');
  }
}
