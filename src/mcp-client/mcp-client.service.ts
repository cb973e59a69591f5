import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type InactiveServer, SETTINGS, type Settings } from '../config/settings.js';
import { Upstream, type UpstreamStatus } from './upstream.js';

/** A child that floods stderr costs at most this many log lines a second. */
const MAX_STDERR_LINES_PER_SECOND = 50;

/** All MCP servers behind the gateway, from its start to its end. */
@Injectable()
export class McpClient implements OnApplicationBootstrap, OnModuleDestroy {
  readonly upstreams: readonly Upstream[];
  /** Configured and not started. */
  readonly inactiveServers: readonly (InactiveServer & { readonly since: Date })[];
  private readonly logger = new Logger('upstream');

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.upstreams = settings.upstreams.map((upstream) => new Upstream(upstream));
    const since = new Date();
    this.inactiveServers = settings.inactiveServers.map((server) => ({ ...server, since }));
  }

  /** Starts all at once and waits for none: the gateway serves while they come up. */
  onApplicationBootstrap(): void {
    for (const upstream of this.upstreams) {
      upstream.on('state', (status) => this.logState(status));
      upstream.on('paused', () => this.logger.warn({ msg: 'calls fail again and again and are paused', upstream: upstream.name }));
      this.logStderr(upstream);
      upstream.start();
    }
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.upstreams.map((upstream) => upstream.stop()));
  }

  private logState({ name, state, transport, guessedPath, server, lastError }: UpstreamStatus): void {
    if (state !== 'up') return this.logger.warn({ msg: 'upstream is not reachable', upstream: name, state, error: lastError });
    const { era, protocolVersion, serverInfo } = server ?? {};
    this.logger.log({
      msg: 'upstream is up',
      upstream: name,
      transport,
      path: guessedPath,
      era,
      protocol_version: protocolVersion,
      server: serverInfo,
    });
  }

  private logStderr(upstream: Upstream): void {
    let second = 0;
    let lines = 0;
    upstream.on('stderr', (line) => {
      const now = Math.floor(Date.now() / 1000);
      lines = now === second ? lines + 1 : 1;
      second = now;
      if (lines <= MAX_STDERR_LINES_PER_SECOND) this.logger.debug({ msg: 'stderr', upstream: upstream.name, line });
    });
  }
}
