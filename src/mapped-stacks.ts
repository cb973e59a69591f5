import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Has stacks name the files and lines of the sources. A map is read when the first stack leads through its script: Node's own support
 * reads every map at the start, for 17 MB more. Frames of packages keep their places in the script, which is not minified.
 */
export function mapStacks(): void {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (script: string) => {
    if (!maps.has(script)) maps.set(script, readMap(script));
    return maps.get(script);
  };
  Error.prepareStackTrace = (error, frames) => [headOf(error), ...frames.map((frame) => `    at ${mapped(frame, mapOf)}`)].join('\n');
}

function mapped(frame: NodeJS.CallSite, mapOf: (script: string) => SourceMap | undefined): string {
  const [script, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
  if (!script?.startsWith('file:') || line === null || column === null) return String(frame);
  const entry = mapOf(script)?.findEntry(line - 1, column - 1) as Partial<SourceMapping> | undefined;
  // The entry is the last one before the place, be it of another file further up.
  if (entry?.originalSource === undefined || entry.generatedLine !== line - 1) return String(frame);
  const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
  const source = originalSource.replace(/^(\.\.\/)+/, '');
  return String(frame).replace(`${script}:${line}:${column}`, `${source}:${originalLine + 1}:${originalColumn + 1}`);
}

function readMap(script: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(script)}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return undefined; // it has none, or none that can be read: the frame stays as it is
  }
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error'; // a getter of the error threw
  }
}
