/** Where sealed texts are kept by names that say nothing. Rejects never; undefined where nothing is known. What is set or deleted holds here at once. */
export interface GrantBackend {
  get(name: string): Promise<string | undefined>;
  set(name: string, text: string, ttlMs: number | undefined): Promise<void>;
  /** Gets it and forgets it, for one who asks alone. */
  take(name: string): Promise<string | undefined>;
  delete(name: string): Promise<void>;
  /** All that is kept without an end. */
  all(): Promise<readonly (readonly [name: string, text: string])[]>;
  /** Work by one at a time, of all who share it. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
}
