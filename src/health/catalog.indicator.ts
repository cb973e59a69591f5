import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';

/** Whether there are tools to call: at least one server has been listed, now or before it went away. */
@Injectable()
export class CatalogIndicator {
  constructor(
    private readonly catalog: ToolCatalog,
    private readonly indicators: HealthIndicatorService,
  ) {}

  check(): HealthIndicatorResult {
    const { revision, entries, unlisted } = this.catalog.snapshot();
    const isKnown = [...entries.values()].every((entry) => entry.upstream !== undefined);
    const indicator = this.indicators.check('tools');
    const details = { revision, tools: isKnown ? entries.size : 0, unlisted: unlisted.map((upstream) => upstream.name) };
    return isKnown ? indicator.up(details) : indicator.down(details);
  }
}
