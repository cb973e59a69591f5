import type { JsonObject } from '@app/mcp-openapi';

/** Of one call in a second; those beyond are dropped. */
const MAX_IN_SECOND = 50;
const SECOND_MS = 1_000;

/** Passes on what a server logs of one call, but not a flood of it. */
export class PacedLogs {
  private until = 0;
  private count = 0;

  constructor(private readonly tell: (params: JsonObject) => void) {}

  readonly take = (params: JsonObject): void => {
    const now = performance.now();
    if (now >= this.until) {
      this.until = now + SECOND_MS;
      this.count = 0;
    }
    this.count += 1;
    if (this.count <= MAX_IN_SECOND) this.tell(params);
  };
}
