import { createRequire } from 'node:module';
import { type Properties, putBack } from './put-back.ts';

const here = createRequire(import.meta.url);
/** Classes of packages and their prototypes, with the properties that they had when they were first loaded. */
const remembered = new Map<object, Properties>();

/** Remembers the classes among what a package exports, as they are now. */
export function rememberClasses(exported: object): void {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(exported)) as { value?: unknown }[]) {
    if (!isClass(value) || remembered.has(value)) continue;
    for (const each of [value, value.prototype]) remembered.set(each, Object.getOwnPropertyDescriptors(each) as Properties);
  }
}

/** Undoes what our code has changed on these classes, and empties the registry of metrics: the next test file finds the packages as new. */
export function putBackPackages(): void {
  for (const [each, before] of remembered) putBack(each, before);
  const metrics = here.cache[here.resolve('prom-client')]?.exports as { register: { clear(): void } } | undefined;
  metrics?.register.clear();
}

function isClass(value: unknown): value is { prototype: object } {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}
