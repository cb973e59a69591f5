export type Properties = Readonly<Record<PropertyKey, PropertyDescriptor>>;

/** Gives an object the properties that it had before, apart from some that stay as they are. */
export function putBack(object: object, before: Properties, kept: ReadonlySet<PropertyKey> = new Set()): void {
  const now: Properties = Object.getOwnPropertyDescriptors(object);
  const changed = Reflect.ownKeys({ ...before, ...now }).filter((key) => !kept.has(key) && !isSame(before[key], now[key]));
  for (const key of changed) {
    const property = before[key];
    if (property) Reflect.defineProperty(object, key, property);
    else Reflect.deleteProperty(object, key);
  }
}

function isSame(before: PropertyDescriptor | undefined, now: PropertyDescriptor | undefined): boolean {
  return before?.value === now?.value && before?.get === now?.get && (before === undefined) === (now === undefined);
}
