import { putBack } from './put-back.ts';

type Listener = (...given: unknown[]) => void;

/** Globals that packages set while they were loaded: they stay, as the packages do. */
const globalsOfPackages = new Set<PropertyKey>();

/** Runs what loads a package, and remembers the globals that it sets. */
export function keepingGlobals<T>(load: () => T): T {
  const before = Object.getOwnPropertyDescriptors(globalThis) as Record<PropertyKey, PropertyDescriptor>;
  const loaded = load();
  const now = Object.getOwnPropertyDescriptors(globalThis) as Record<PropertyKey, PropertyDescriptor>;
  for (const key of Reflect.ownKeys(now)) if (before[key]?.value !== now[key]?.value) globalsOfPackages.add(key);
  return loaded;
}

/** Takes note of this process: its globals, environment, way to exit, listeners. What it gives puts them back. */
export function rememberProcess(): () => void {
  const globals = Object.getOwnPropertyDescriptors(globalThis);
  const env = { ...process.env };
  const { exit } = process;
  const listeners = new Map(process.eventNames().map((name) => [name, process.rawListeners(name)]));
  return () => {
    putBack(globalThis, globals, globalsOfPackages);
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    process.exit = exit;
    for (const name of process.eventNames()) {
      const before = listeners.get(name) ?? [];
      for (const listener of process.rawListeners(name)) if (!before.includes(listener)) process.off(name, listener as Listener);
    }
  };
}
