interface Entry<Value> {
  value: Value | undefined;
}

/**
 * A Map of what is there for a moment only. V8 replaces the table of a Map from time to time, and has the old one hold the new one; once one
 * has grown old, all that come after it are kept until the great collection, with whatever was in them when they were replaced. A call that
 * was in a Map while it ran outlived it so by seconds, with all that belongs to it. Here an entry lets go of its value when it is deleted.
 */
export class BriefMap<Key, Value> {
  private readonly entries = new Map<Key, Entry<Value>>();

  get size(): number {
    return this.entries.size;
  }

  has(key: Key): boolean {
    return this.entries.has(key);
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key)?.value;
  }

  /** For a key that is not there. */
  add(key: Key, value: Value): void {
    this.entries.set(key, { value });
  }

  delete(key: Key): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    entry.value = undefined;
    this.entries.delete(key);
  }

  /** Those of this moment, the oldest first. */
  values(): Value[] {
    return Array.from(this.entries.values(), ({ value }) => value as Value);
  }
}
