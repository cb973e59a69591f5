import { isJsonObject, type JsonObject } from '@app/mcp-openapi';

/** The usage of several rounds (OpenAI API, "usage"): each figure summed, whatever it is called. */
export class UsageSum {
  /** `sum`: what is told where no round tells any. */
  constructor(private sum: JsonObject | undefined) {}

  /** Undefined where there is none to tell. */
  get total(): JsonObject | undefined {
    return this.sum;
  }

  add(usage: unknown): void {
    if (isJsonObject(usage)) this.sum = this.sum ? added(this.sum, usage, 0) : usage;
  }
}

/** Details are one level below. */
const MAX_DEPTH = 3;

function added(one: JsonObject, other: JsonObject, depth: number): JsonObject {
  const sum: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = sum[name];
    if (typeof value === 'number' && typeof before === 'number') sum[name] = before + value;
    else if (isJsonObject(value) && isJsonObject(before) && depth < MAX_DEPTH) sum[name] = added(before, value, depth + 1);
    else if (value !== null) sum[name] = value;
  }
  return sum;
}
