import path from 'node:path';
import ts from 'typescript';

/** Sources that differ from those of the repository, by their paths in it. */
export type ChangedSources = ReadonlyMap<string, string>;

/** Makes of a few changed sources what `nest build` makes of them, in a second: nothing else is built again. */
export class Rebuild {
  private changed: ChangedSources = new Map();
  private version = 0;
  private readonly config = readConfig();
  private readonly service = ts.createLanguageService(this.host());

  /** JavaScript by its path below `dist`. Throws when a changed source does not compile. */
  of(changed: ChangedSources): Map<string, string> {
    this.changed = new Map([...changed].map(([file, text]) => [path.resolve(file), text]));
    this.version += 1;
    const files = [...this.changed.keys()];
    const problems = files.flatMap((file) => [...this.service.getSyntacticDiagnostics(file), ...this.service.getSemanticDiagnostics(file)]);
    if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, FORMAT));
    return new Map(files.map((file) => this.emitted(file)));
  }

  private emitted(file: string): [string, string] {
    const { outputFiles } = this.service.getEmitOutput(file);
    const script = outputFiles.find(({ name }) => name.endsWith('.js')) as ts.OutputFile;
    const below = path.relative(path.resolve('dist'), script.name);
    return [below, script.text.replaceAll(/['"]@app\/([^/'"]+)['"]/g, (_, library: string) => `'${libraryFrom(below, library)}'`)];
  }

  private host(): ts.LanguageServiceHost {
    const { fileNames, options } = this.config;
    const read = (file: string) => this.changed.get(path.resolve(file)) ?? ts.sys.readFile(file);
    return {
      getScriptFileNames: () => fileNames,
      getScriptVersion: (file) => (this.changed.has(path.resolve(file)) ? `changed ${this.version}` : 'as it is'),
      getScriptSnapshot: (file) => {
        const text = read(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => process.cwd(),
      getCompilationSettings: () => options,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (file) => ts.sys.fileExists(file),
      readFile: read,
      readDirectory: (...search) => ts.sys.readDirectory(...search),
      directoryExists: (folder) => ts.sys.directoryExists(folder),
    };
  }
}

/** The build resolves the aliases of the libraries, as Nest's does. */
function libraryFrom(script: string, library: string): string {
  return path.posix.relative(path.posix.dirname(script), `libs/${library}/src/index.js`);
}

function readConfig(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile('tsconfig.build.json', (file) => ts.sys.readFile(file)) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
}

const FORMAT: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
};
