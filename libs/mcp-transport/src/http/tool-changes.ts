import type { ConnectionEvents } from '../upstream-connection.js';

/** Longest between two sessions of one client hearing of the same change. */
const ASIDE_MS = 250;

/**
 * Changes of a server's tools, as the session of discovery hears of them and as that of calls does. Most servers tell both, and it is one change;
 * many tell the session alone that was opened last.
 */
export class ToolChanges {
  private heardAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly events: Pick<ConnectionEvents, 'onToolsChanged'>) {}

  heard(): void {
    this.heardAt = performance.now();
    this.events.onToolsChanged();
  }

  /** On the session of calls. */
  heardAside(): void {
    const before = performance.now() - ASIDE_MS;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.heardAt < before) this.events.onToolsChanged();
    }, ASIDE_MS).unref();
  }
}
