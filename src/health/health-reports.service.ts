import { Injectable } from '@nestjs/common';
import { CatalogIndicator } from './catalog.indicator.js';
import { type HealthParts, type HealthReport, healthReport, type HealthStatus, statusOf, statusOfAll } from './health-report.js';
import { OpenWebUiCheck } from './open-webui-check.service.js';
import { RedisPart } from './redis-part.service.js';
import { ServerChecks } from './server-checks.service.js';

/** Whether a server of this name may be told of. */
export type IsSeen = (server: string) => boolean;

/** What is known of everything, at once. The status is that of the whole, whatever of it may be seen. */
@Injectable()
export class HealthReports {
  constructor(
    private readonly servers: ServerChecks,
    private readonly catalog: CatalogIndicator,
    private readonly redis: RedisPart,
    private readonly openWebUi: OpenWebUiCheck,
  ) {}

  all(isSeen: IsSeen): HealthReport {
    const servers = this.servers.parts();
    const own = { tools: this.catalog.part(isSeen), redis: this.redis.part(), openwebui: this.openWebUi.part() };
    const status = overall(own, servers);
    const seen = Object.entries(servers).filter(([name]) => isSeen(name));
    // A server may be called like a part of the gateway.
    const named = seen.map(([name, part]) => [Object.hasOwn(own, name) ? `mcp:${name}` : name, part] as const);
    const { tools, ...others } = own;
    return healthReport(status, Object.fromEntries([['tools', tools], ...named, ...Object.entries(others)]));
  }

  mcp(isSeen: IsSeen): HealthReport {
    const servers = this.servers.parts();
    const seen = Object.fromEntries(Object.entries(servers).filter(([name]) => isSeen(name)));
    return healthReport(statusOfAll(Object.values(servers)), seen);
  }

  ofRedis(): HealthReport {
    const redis = this.redis.part();
    return healthReport(statusOf(redis), { redis });
  }

  ofOpenWebUi(): HealthReport {
    const openwebui = this.openWebUi.part();
    return healthReport(statusOf(openwebui), { openwebui });
  }
}

/** Down where no tool can be called: none is known, or no server is there. What the gateway does without makes it degraded. */
function overall(own: HealthParts & Record<'tools', HealthParts[string]>, servers: HealthParts): HealthStatus {
  const ofServers = statusOfAll(Object.values(servers));
  if (own.tools.status === 'down' || ofServers === 'down') return 'down';
  return statusOfAll([...Object.values(own), ...Object.values(servers)]);
}
