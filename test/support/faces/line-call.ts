/** One line to {@link serveLines}: a call, or the id of one that is to be cancelled. */
export interface LineCall {
  readonly id: string;
  readonly cancel?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly name: string;
  readonly server?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly whenFull?: 'refuse' | 'wait';
  readonly idempotencyKey?: string;
}
