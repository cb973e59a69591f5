/** A process has not answered in the time that its start may take. */
export class LateStart extends Error {
  constructor(
    readonly methods: readonly string[],
    private readonly timeoutMs: number,
    readonly hint: string,
  ) {
    const asked = methods.map((method) => `"${method}"`).join(' nor ');
    super(`The MCP server did not answer ${asked} within ${timeoutMs / 1000} s of its start (startTimeoutMs)${hint}.`);
  }

  /** Both in one sentence. */
  and(other: LateStart): LateStart {
    return new LateStart([...new Set([...this.methods, ...other.methods])], this.timeoutMs, this.hint || other.hint);
  }
}
