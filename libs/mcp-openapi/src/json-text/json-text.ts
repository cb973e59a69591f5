/** A JSON value as it was written, digits and order of keys intact, and what JSON.parse makes of it: both say the same. */
export interface JsonText<T = unknown> {
  readonly text: string;
  readonly value: T;
}
