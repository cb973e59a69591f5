/** What `make` gives for a tool, or anything else that is an object: made when it is asked for first, and kept for as long as the key is. */
export function perTool<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, T>();
  return (key) => {
    let made = known.get(key);
    if (made === undefined) known.set(key, (made = make(key)));
    return made;
  };
}
