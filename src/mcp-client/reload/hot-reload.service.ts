import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SETTINGS, type ServerList, type Settings } from '../../config/settings.js';
import { SettingsError } from '../../config/settings-error.js';
import { CallMetrics } from '../../metrics/call-metrics.js';
import { McpClient } from '../mcp-client.service.js';
import { FileWatcher } from './file-watcher.js';

/**
 * Takes over changes of the config file: on SIGHUP, and with `--hot-reload` when the file changes. A file that is wrong changes nothing;
 * nor does SIGHUP where there is no file.
 */
@Injectable()
export class HotReload implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('reload');
  private watcher: FileWatcher | undefined;
  /** The one that is under way, and whether another is wanted after it. */
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isOver = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly mcpClient: McpClient,
    private readonly metrics: CallMetrics,
  ) {}

  onApplicationBootstrap(): void {
    const { configPath, hotReload } = this.settings;
    process.on('SIGHUP', this.reload);
    if (hotReload && configPath !== undefined) this.watcher = new FileWatcher(configPath, this.reload);
    this.mcpClient.on('gone', (server) => void this.metrics.forget(server));
  }

  onModuleDestroy(): void {
    process.off('SIGHUP', this.reload);
    this.watcher?.close();
    this.isOver = true;
  }

  private readonly reload = (): void => {
    if (!this.settings.reloadServers)
      return this.logger.log({ msg: 'nothing to reload: the servers are not from a config file', from: this.settings.serverSource });
    this.isWanted = true;
    this.running ??= this.takeOverAll().finally(() => (this.running = undefined));
  };

  /** One after another; what changes while the file is read makes one more. */
  private async takeOverAll(): Promise<void> {
    while (this.isWanted) {
      this.isWanted = false;
      const servers = await this.read();
      if (servers && !this.isOver) this.takeOver(servers);
    }
  }

  private takeOver(servers: ServerList): void {
    const { added, changed, removed } = this.mcpClient.apply(servers);
    this.logger.log({ msg: 'configuration taken over', file: this.settings.configPath, added, changed, removed });
  }

  private async read(): Promise<ServerList | undefined> {
    try {
      return await this.settings.reloadServers?.();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      const { problems } = error;
      this.logger.error({ msg: 'configuration not taken over, the servers stay as they were', file: this.settings.configPath, problems });
      return undefined;
    }
  }
}
