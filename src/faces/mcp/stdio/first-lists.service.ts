import { Injectable } from '@nestjs/common';
import { ToolCatalog } from '../../../discovery/tool-catalog.service.js';

/** Clients have a minute's patience with `initialize`, and people who look on have less. */
const FIRST_LISTS_MS = 5_000;

/** The moment from which on lists are worth asking for: a client that starts the gateway asks before any server has had time to come. */
@Injectable()
export class FirstLists {
  constructor(private readonly catalog: ToolCatalog) {}

  /** Resolves when each server has been listed once, or does not list for everybody; after 5 s without those that have not. */
  async there(): Promise<void> {
    if (this.isThere) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_LISTS_MS).unref();
      this.catalog.onChange(() => {
        if (!this.isThere) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private get isThere(): boolean {
    return this.catalog.snapshot().unlisted.every(({ asksCallers }) => asksCallers);
  }
}
