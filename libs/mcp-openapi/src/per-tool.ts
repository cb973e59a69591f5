/**
 * What `make` gives for a tool, or anything else that is an object: made when it is asked for first, of what is given beside the tool then,
 * and kept for as long as the tool is.
 */
export function perTool<K extends object, T, Given extends unknown[] = []>(
  make: (key: K, ...given: Given) => T,
): (key: K, ...given: Given) => T {
  const known = new WeakMap<K, T>();
  return (key, ...given) => {
    let made = known.get(key);
    if (made === undefined) known.set(key, (made = make(key, ...given)));
    return made;
  };
}
