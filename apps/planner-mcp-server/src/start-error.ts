/** Why the planner does not start: sentences for the person who started it, one a line on stderr. */
export class StartError extends Error {
  readonly code = 'start_refused';

  constructor(
    readonly sentences: readonly string[],
    options?: ErrorOptions,
  ) {
    super(sentences.join('\n'), options);
  }
}
