import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';

/** Whether the gateway is on its way out: it finishes what it has and wants nothing new. */
@Injectable()
export class ShutdownState {
  isStopping = false;

  constructor(private readonly indicators: HealthIndicatorService) {}

  begin(): void {
    this.isStopping = true;
  }

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('gateway');
    return this.isStopping ? indicator.down('stopping') : indicator.up();
  }
}
