import { createRequire } from 'node:module';
import type { SyncTransformer, TransformOptions } from '@jest/transform';
import swc from '@swc/jest';

/** What is used of a package that comes without types. */
interface Instrumenter {
  instrumentSync(source: string, file: string): string;
  lastSourceMap(): object;
}

const { createInstrumenter } = createRequire(import.meta.url)('istanbul-lib-instrument') as {
  createInstrumenter(options: object): Instrumenter;
};
const typescript = swc.createTransformer({
  module: { type: 'commonjs' },
  inputSourceMap: true,
  sourceMaps: true,
}) as Required<SyncTransformer>;

/**
 * TypeScript by swc. Where jest asks for coverage, counters are put into what was written, before swc: they cost nothing elsewhere,
 * while V8's own coverage doubles the CPU time of all that a worker runs. See docs/adr/0011.
 */
export default {
  canInstrument: true,
  getCacheKey: (source: string, file: string, options: TransformOptions) => typescript.getCacheKey(source, file, options),
  process: (source: string, file: string, options: TransformOptions) =>
    typescript.process(options.instrument ? withCounters(source, file) : source, file, options),
};

function withCounters(source: string, file: string): string {
  const parserPlugins = ['typescript', 'decorators-legacy'];
  const instrumenter = createInstrumenter({
    esModules: true,
    compact: false,
    preserveComments: true,
    produceSourceMap: true,
    parserPlugins,
  });
  const code = instrumenter.instrumentSync(source, file);
  const map = Buffer.from(JSON.stringify(instrumenter.lastSourceMap())).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${map}`;
}
