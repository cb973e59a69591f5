/** Bad settings, all at once: one line each, `NAME: what is wrong`, never the value. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
