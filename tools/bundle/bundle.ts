/**
 * Makes the programs that run of what `nest build` has put into dist/ and of the packages they use: dist/bundle/main.js is the gateway,
 * dist/bundle/planner-mcp-server.js the planner. What is imported late stays in files of its own (docs/adr/0010-start-from-a-bundle.md).
 *
 * node tools/bundle/bundle.ts
 */
import { readFile, rm } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';
import { compiledMetaSchema } from './compiled-meta-schema.ts';

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

/**
 * Our classes and Nest's keep their names, by which Nest logs and documents: of `let A = class A` esbuild makes `class A2`. Its own `keepNames`
 * wraps each function as well, each time that it is made: a call would cost a third more.
 */
const namesOfClasses: Plugin = {
  name: 'names-of-classes',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](dist|@nestjs)[\\/].*\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const contents = text.replaceAll(CLASS, '$& static { Object.defineProperty(this, "name", { value: "$1$2" }); }');
      return { contents: isOfPackage(file) ? withEmptyMap(contents) : contents };
    });
  },
};

/** A class as tsc writes it: plain, or decorated, maybe with a name by which it refers to itself. */
const CLASS = /^(?:(?:export (?:default )?)?class (\w+)|(?:export )?let (\w+) = (?:\w+ = )*class \2)\b[^{\n]*\{/gm;

/** Nest's adapter asks for `ws` in a way that no bundler sees: beside the one in the bundle there would be a second. */
const oneWs: Plugin = {
  name: 'one-ws',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]platform-ws[\\/]adapters[\\/]ws-adapter\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const contents = text.replace(/createRequire\(import\.meta\.url\)\('ws'\)/, 'bundledWs');
      if (contents === text) throw new Error(`${file} loads ws in another way than before`);
      return { contents: withEmptyMap(`import * as bundledWs from 'ws';\n${contents}`) };
    });
  },
};

/**
 * `import` of node:http reads all that it has, also WebSocket, for which Node loads an HTTP client of its own: 10 to 20 ms of each start.
 * `require` does not.
 */
const httpWithoutWebSocket: Plugin = {
  name: 'http-without-web-socket',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'require-call' || kind === 'dynamic-import' ? undefined : { path: 'node:http', namespace: 'required' },
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path: name }) => ({
      contents: `module.exports = require(${JSON.stringify(name)});`,
    }));
  },
};

/** The maps hold our own sources alone: a quarter of the size, and read in less than half of the time. */
const mapsOfOurSources: Plugin = {
  name: 'maps-of-our-sources',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path: file }) => ({
      contents: withEmptyMap(await readFile(file, 'utf8')),
    }));
  },
};

function withEmptyMap(script: string): string {
  return `${script}\n//# sourceMappingURL=${EMPTY_MAP}\n`;
}

function isOfPackage(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

await rm(OUTPUT, { recursive: true, force: true });
await build({
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
  banner: { js: REQUIRE },
  sourcemap: 'linked',
  sourcesContent: false,
  plugins: [compiledMetaSchema, absentPackages, oneWs, httpWithoutWebSocket, namesOfClasses, mapsOfOurSources],
  logLevel: 'warning',
});
