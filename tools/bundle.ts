/**
 * Makes the programs that run of what `nest build` has put into dist/ and of the packages they use: dist/bundle/main.js is the gateway,
 * dist/bundle/planner-mcp-server.js the planner. What is imported late stays in files of its own (docs/adr/0010-start-from-a-bundle.md).
 *
 * node tools/bundle.ts
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const OUTPUT = 'dist/bundle';

/** CommonJS packages ask for parts of Node with `require`, which an ES module has not. */
const REQUIRE = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/** Says that the first line of a file comes from nowhere in particular, and the others from nowhere. */
const EMPTY_MAP = `data:application/json,${encodeURIComponent('{"version":3,"sources":[""],"mappings":"AAAA"}')}`;

/** What a package imports only where it is installed, and is not, fails as it does without a bundle. */
const absentPackages: Plugin = {
  name: 'absent-packages',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path: name, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || !isOfPackage(importer) || pluginData === absentPackages) return undefined;
      const { errors } = await resolve(name, { kind, importer, resolveDir, pluginData: absentPackages });
      return errors.length > 0 ? { path: name, namespace: 'absent' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'absent' }, ({ path: name }) => ({
      contents: `throw new Error(${JSON.stringify(`${name} is not installed`)});`,
    }));
  },
};

/** The maps hold our own sources alone: a quarter of the size, and read in less than half of the time. */
const mapsOfOurSources: Plugin = {
  name: 'maps-of-our-sources',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path: file }) => ({
      contents: `${await readFile(file, 'utf8')}\n//# sourceMappingURL=${EMPTY_MAP}\n`,
    }));
  },
};

function isOfPackage(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/** esbuild's `keepNames`, by which it names what it had to rename: a class when it is defined, and a function each time it is made. */
const NAMING = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';

/** Leaves their names to classes alone, by which Nest logs and documents: those of functions take a fifth of a call's CPU. Lines stay. */
function withNamesOfClasses(script: string): string {
  return script
    .replace(NAMING, 'var __name = (target) => target;')
    .replaceAll(/\b__name\(this, ("[^"]+")\);/g, 'Object.defineProperty(this, "name", { value: $1 });');
}

await rm(OUTPUT, { recursive: true, force: true });
const { outputFiles } = await build({
  write: false,
  entryPoints: { main: 'dist/src/main.js', 'planner-mcp-server': 'dist/apps/planner-mcp-server/src/main.js' },
  outdir: OUTPUT,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // A package's UMD build asks for its own parts in a way that no bundler sees.
  mainFields: ['module', 'main'],
  keepNames: true,
  banner: { js: REQUIRE },
  sourcemap: 'linked',
  sourcesContent: false,
  plugins: [absentPackages, mapsOfOurSources],
  logLevel: 'warning',
});

if (!outputFiles.some(({ text }) => text.includes(NAMING)))
  throw new Error('This esbuild names classes in another way: look at withNamesOfClasses.');
for (const { path: file, text } of outputFiles) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, withNamesOfClasses(text), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}
