import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where a frame is in a script of the bundle. */
const PLACE = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g;

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack by the files and lines of the sources, for whoever writes it down; frames of packages keep their places in the script, which is not
 * minified. A map is read when the first stack leads through its script: Node's own support reads every map at the start, for 17 MB more. It is
 * not done where a stack is asked for: Node does that for each connection that ends by an error, and has no use for it.
 */
export function mappedStack(stack: string): string {
  return stack.replace(PLACE, mapped);
}

function mapped(place: string, script: string, line: string, column: string): string {
  const [atLine, atColumn] = [Number(line) - 1, Number(column) - 1];
  const entry = mapOf(script)?.findEntry(atLine, atColumn) as Partial<SourceMapping> | undefined;
  // The entry is the last one before the place, be it of another file further up.
  if (entry?.originalSource === undefined || entry.generatedLine !== atLine) return place;
  const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
  return `${originalSource.replace(/^(\.\.\/)+/, '')}:${originalLine + 1}:${originalColumn + 1}`;
}

function mapOf(script: string): SourceMap | undefined {
  if (!maps.has(script)) maps.set(script, readMap(script));
  return maps.get(script);
}

function readMap(script: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(script)}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return undefined; // it has none, or none that can be read: the frame stays as it is
  }
}
