import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/settings.js';

/** Names of prompts where all servers are merged: with the server's in front, unless there can be only one. */
@Injectable()
export class MergedNames {
  constructor(@Inject(SETTINGS) private readonly settings: Pick<Settings, 'naming'>) {}

  /** As it is told at the endpoint of `server`, or of all. */
  merged(name: string, of: string, server: string | undefined): string {
    return server !== undefined || this.settings.naming === 'bare' ? name : `${of}_${name}`;
  }

  /** The name that a server itself would know it by; undefined where it can be none of its. */
  own(name: string, of: string, server: string | undefined): string | undefined {
    if (server !== undefined || this.settings.naming === 'bare') return name;
    return name.startsWith(`${of}_`) ? name.slice(of.length + 1) : undefined;
  }
}
