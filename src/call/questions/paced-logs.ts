import type { JsonObject } from '@app/mcp-openapi';

/** Of one request in a second, and their characters; those beyond are dropped. */
const MAX_IN_SECOND = 50;
const MAX_CHARACTERS = 512 * 1024;
const SECOND_MS = 1_000;

/** Passes on what a server logs of one request, but not a flood of it. */
export class PacedLogs {
  private until = 0;
  private count = 0;
  private characters = 0;

  constructor(private readonly tell: (params: JsonObject) => void) {}

  readonly take = (params: JsonObject): void => {
    const now = performance.now();
    if (now >= this.until) {
      this.until = now + SECOND_MS;
      this.count = 0;
      this.characters = 0;
    }
    this.count += 1;
    if (this.count > MAX_IN_SECOND) return;
    this.characters += JSON.stringify(params).length;
    if (this.characters <= MAX_CHARACTERS) this.tell(params);
  };
}
