import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import jestRuntime from 'jest-runtime';
import { type Coverage, newlyCovered } from './newly-covered.ts';
import { putBackPackages, rememberClasses } from './package-state.ts';
import { keepingGlobals } from './process-state.ts';

/** Node finds jest's ES module, which exports the class itself; TypeScript takes its types for those of a CommonJS one. */
const JestRuntime = jestRuntime as unknown as typeof jestRuntime.default;
const requireHere = createRequire(import.meta.url);
/** Our code replaces methods of Nest (ADR 7). Other packages are not remembered: zod completes its classes at their first use. */
const NEST = '/node_modules/@nestjs/';
/** What packages export, by file. */
const packages = new Map<string, unknown>();
/** Where Node finds what a file of a folder asks for. */
const foundFiles = new Map<string, string>();
/** Modules of ours as they were compiled, by file: a function that is run anew for each test file. */
const compiledModules = new Map<string, { readonly source: string; readonly run: unknown }>();

type Runtime = InstanceType<typeof JestRuntime>;

/** jest has one for each worker. */
interface Resolver {
  resolveStubModuleName(from: string, name: string, options?: object): string | null;
}

/** What this runtime uses of jest's own, which its types do not show. */
interface Inside {
  readonly _environment: { readonly global: { readonly __coverage__?: Coverage }; getVmContext(): object | null };
  readonly _resolution: { resolveEsm(from: string, name: string): string; readonly resolver: Resolver };
  readonly executor: { readonly injectedModuleParameters: readonly string[]; compile(source: string, filename: string): unknown };
}

/**
 * jest's way to load modules, except that packages are loaded once per worker and not once per test file, as Node itself loads them:
 * by the conditions of `import`, untransformed. Our own modules are compiled once, and run anew for each test file. See docs/adr/0011.
 */
export default class SharedPackagesRuntime extends JestRuntime {
  private readonly inside = this as unknown as Inside;

  constructor(...given: ConstructorParameters<typeof JestRuntime>) {
    super(...given);
    rememberMapped(this.inside._resolution.resolver);
    this.inside.executor.compile = (source, filename) => this.compile(source, filename);
  }

  override requireModule<T>(from: string, name?: string, options?: Parameters<Runtime['requireModule']>[2], isActual?: boolean): T {
    const file = options?.isInternalModule || name === undefined ? undefined : this.fileOfPackage(from, name);
    if (file === undefined) return super.requireModule<T>(from, name, options, isActual);
    if (!packages.has(file)) packages.set(file, loadPackage(file));
    return packages.get(file) as T;
  }

  override getAllCoverageInfoCopy(): ReturnType<Runtime['getAllCoverageInfoCopy']> {
    return newlyCovered(this.inside._environment.global.__coverage__ ?? {}) as ReturnType<Runtime['getAllCoverageInfoCopy']>;
  }

  override teardown(): void {
    super.teardown();
    putBackPackages();
  }

  private fileOfPackage(from: string, name: string): string | undefined {
    if (/^[./]|^@app\//.test(name) || isBuiltin(name)) return undefined;
    const key = `${path.dirname(from)} ${name}`;
    const known = foundFiles.get(key) ?? this.inside._resolution.resolveEsm(from, name);
    foundFiles.set(key, known);
    return known.includes('/node_modules/') ? known : undefined;
  }

  /** In the context of the worker: packages and tests then have the same `Error`, `Array` and `Uint8Array`. */
  private compile(source: string, filename: string): unknown {
    if (this.inside._environment.getVmContext() === null) return null;
    const before = compiledModules.get(filename);
    if (before?.source === source) return before.run;
    const run = compileFunction(source, [...this.inside.executor.injectedModuleParameters], { filename });
    compiledModules.set(filename, { source, run });
    return run;
  }
}

/** What `moduleNameMapper` makes of a name in a folder: jest looks for its file each time that it is asked, for each import of each test file. */
function rememberMapped(resolver: Resolver): void {
  if (Object.hasOwn(resolver, 'resolveStubModuleName')) return;
  const found = new Map<string, string | null>();
  const find = resolver.resolveStubModuleName.bind(resolver);
  resolver.resolveStubModuleName = (from, name, options) => {
    const key = `${path.dirname(from)} ${name}`;
    const known = found.get(key);
    const file = known === undefined ? find(from, name, options) : known;
    found.set(key, file);
    return file;
  };
}

function loadPackage(file: string): unknown {
  const exported: unknown = keepingGlobals(() => requireHere(file) as unknown);
  if (file.includes(NEST)) rememberClasses(exported as object);
  return exported;
}
