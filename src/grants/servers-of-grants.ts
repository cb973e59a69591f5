import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { type GrantedServer, isGranted } from './granted-server.js';

/** The servers that people grant tokens for, as they are configured now. */
@Injectable()
export class ServersOfGrants {
  private current: readonly GrantedServer[];

  constructor(@Inject(SETTINGS) { upstreams }: Pick<Settings, 'upstreams'>) {
    this.current = upstreams.filter(isGranted);
  }

  /** Takes others in their place. */
  replace(upstreams: Settings['upstreams']): void {
    this.current = upstreams.filter(isGranted);
  }

  get all(): readonly GrantedServer[] {
    return this.current;
  }

  named(name: string): GrantedServer | undefined {
    return this.current.find((server) => server.name === name);
  }
}
