/** What was started, to be ended in reverse. */
export class Cleanup {
  private readonly actions: (() => Promise<void>)[] = [];

  add(action: () => Promise<void>): void {
    this.actions.unshift(action);
  }

  /** Runs every action once, whatever fails; gives what failed. */
  async run(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (const action of this.actions.splice(0)) await action().catch((error: unknown) => failures.push(error));
    return failures;
  }
}
