import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { argumentsOf } from './arguments-of.ts';
import { generatedTools } from './generated-tools.ts';

/** One tool of the corpus, and what is expected of it. */
export interface CorpusTool {
  readonly tool: { readonly name: string; readonly inputSchema: Readonly<Record<string, unknown>> };
  /** The tool as the server lists it. */
  readonly text: string;
  /** Texts of arguments that the tool takes, and such that are refused. */
  readonly valid: readonly string[];
  readonly invalid: readonly string[];
  /** The names of the parameters that Open WebUI reads, unless they are those of the tool's own properties; null where any will do. */
  readonly parameters?: readonly string[] | null;
  /** What these properties are published as, whole. */
  readonly published?: Readonly<Record<string, unknown>>;
  /** The tool is a map, called by way of `entries`. */
  readonly entries?: boolean;
  /** Nested deeper than is published: what was cut Open WebUI takes for a string. */
  readonly isCut?: boolean;
}

export interface CorpusFile {
  readonly name: string;
  readonly about: string;
  readonly tools: readonly CorpusTool[];
}

const FOLDER = path.resolve('test/data');

/** All tools that the gateway must be able to publish and call: crafted ones by kind, generated ones, and those that servers of npm list. */
export function loadCorpus(): CorpusFile[] {
  const generated = { name: 'generated', about: 'Schemas that are too large or too deep to be kept in a file.', tools: generatedTools() };
  return [...readFiles('corpus', craftedTool), generated, ...readFiles('servers', capturedTool)];
}

/** The text of a list of tools. */
export function toolsText(tools: readonly CorpusTool[]): string {
  return `[${tools.map(({ text }) => text).join(',')}]`;
}

function readFiles<T>(folder: string, toCorpusTool: (entry: T) => CorpusTool): CorpusFile[] {
  const files = readdirSync(path.join(FOLDER, folder)).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const { about, tools } = JSON.parse(readFileSync(path.join(FOLDER, folder, file), 'utf8')) as { about: string; tools: T[] };
    return { name: file.replace('.json', ''), about, tools: tools.map(toCorpusTool) };
  });
}

function craftedTool(entry: Omit<CorpusTool, 'text'>): CorpusTool {
  return { ...entry, text: JSON.stringify(entry.tool) };
}

function capturedTool(tool: CorpusTool['tool']): CorpusTool {
  return { tool, text: JSON.stringify(tool), ...argumentsOf(tool.inputSchema) };
}
