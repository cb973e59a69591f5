/**
 * Sets an entry as the newest of `map`, of which the oldest goes where there are more than `max`. For maps that there are many of, or that
 * most gateways leave empty: lru-cache makes room for all that may come when it is made, 23 KB for a thousand.
 */
export function setNewest<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
