/** So many of the last lines that a child wrote to stderr are told when it has ended. */
const MAX_LINES = 5;

/** Where in its own code Node was: more lines than are kept, behind the one that says what is wrong. */
const STACK_FRAME = /^\s*at .+[:)]/;

/** The last words of one process; its lines are bounded where they are read. */
export class StderrTail {
  private readonly lines: string[] = [];

  add(line: string): void {
    if (STACK_FRAME.test(line)) return;
    this.lines.push(line);
    if (this.lines.length > MAX_LINES) this.lines.shift();
  }

  read(): readonly string[] {
    return this.lines;
  }
}
