import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { OpenWebUiCheck } from './open-webui-check.service.js';
import { ServerChecks } from './server-checks.service.js';

const EACH_MS = 5_000;
/** Shorter than that, so that one round never meets the next. */
const DEADLINE_MS = 4_000;

/** Asks every few seconds whether the others are there, so that nobody who asks for health waits for them. */
@Injectable()
export class HealthChecks implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly servers: ServerChecks,
    private readonly openWebUi: OpenWebUiCheck,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.run(), EACH_MS).unref();
    void this.openWebUi.run(DEADLINE_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private run(): void {
    void this.servers.run(DEADLINE_MS);
    void this.openWebUi.run(DEADLINE_MS);
  }
}
