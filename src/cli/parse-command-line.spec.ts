import { NO_COMMAND_LINE } from '../config/command-line.js';
import { SettingsError } from '../config/settings-error.js';
import { VERSION } from '../config/version.js';
import { FLAGS } from './flags.js';
import { parseCommandLine } from './parse-command-line.js';

const CANARY = 'CANARY-77ab';

function problemsOf(args: readonly string[]): readonly string[] {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const serve = (commandLine: object, dotenvFile?: string) => ({
  kind: 'serve',
  commandLine: { ...NO_COMMAND_LINE, ...commandLine },
  dotenvFile,
});

describe('the command line', () => {
  it.each<[readonly string[], object]>([
    [[], {}],
    [['--host=::1', '-p', '0'], { environment: { HOST: '::1', PORT: '0' } }],
    [['-h', '0.0.0.0', '-p8000'], { environment: { HOST: '0.0.0.0', PORT: '8000' } }],
    [['-c', 'mcp.json', '--hot-reload'], { environment: { MCP_CONFIG: 'mcp.json' }, hotReload: true }],
    [['--log-level', 'debug'], { environment: { LOG_LEVEL: 'debug' } }],
    [['--cors-allow-origins', 'http://a', '--cors-allow-origins=http://b'], { environment: { CORS_ORIGINS: 'http://a,http://b' } }],
    [['-k', 'some=secret', '--strict-auth'], { apiKey: 'some=secret', strictAuth: true }],
    [['-e', 'A=1', '--env', 'B=x=y'], { childVariables: ['A=1', 'B=x=y'] }],
    [['-n', 'Tools', '-d', 'All of them', '-v', '2.0'], { name: 'Tools', description: 'All of them', documentVersion: '2.0' }],
    [['-t', 'cert.pem', '-K', 'key.pem'], { certFile: 'cert.pem', keyFile: 'key.pem' }],
    [['--root-path', '/mcpo', '--path-prefix=/tools'], { rootPath: '/mcpo', pathPrefix: '/tools' }],
    [['--server-type', 'sse', '--', 'http://x'], { type: 'sse', server: ['http://x'] }],
    [
      ['--type=sse', '-H', '{"a":"b"}', '--header={}', '--', 'http://x'],
      { type: 'sse', headers: ['{"a":"b"}', '{}'], server: ['http://x'] },
    ],
    [['--', 'npx', '-y', '--port', '--', '--help'], { server: ['npx', '-y', '--port', '--', '--help'] }],
  ])('[ENV] %j is read as mcpo reads it', (args, commandLine) => {
    expect(parseCommandLine(args)).toEqual(serve(commandLine));
  });

  it('[ENV] --env-path names the file of settings', () => {
    expect(parseCommandLine(['--env-path', 'other.env'])).toEqual(serve({}, 'other.env'));
  });

  it('[ENV] check is asked for by its word', () => {
    expect(parseCommandLine(['check', '-c', 'f'])).toMatchObject({ kind: 'check', commandLine: { environment: { MCP_CONFIG: 'f' } } });
  });

  it.each([[['--version']], [['-v']], [['-v', '--port', '1']]])('[ENV] %j prints the version', (args) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'print', text: `${VERSION}\n` });
  });

  it('[ENV] --help prints every flag with its other spellings, whatever else is there', () => {
    const { text } = parseCommandLine(['--bogus', '--version', '--help']) as { text: string };
    for (const { name, also } of FLAGS) expect(text).toMatch(new RegExp(`  --${[name, ...also].join(', ')} .*`));
    for (const { help } of FLAGS) expect(text).toContain(help);
    expect(text).toContain(`mcpo-proxy ${VERSION}`);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
  });

  it.each<[readonly string[], string]>([
    [['--bogus'], '--bogus: unknown; --help lists the flags'],
    [['--prot', CANARY], '--prot: unknown, did you mean --port?'],
    [[`--api-kye=${CANARY}`], '--api-kye: unknown, did you mean --api-key?'],
    [[`-x${CANARY}`], '-x: unknown; --help lists the flags'],
    [['--port'], '--port: needs a value, PORT'],
    [['--port', '--host', '::1'], '--port: needs a value, PORT'],
    [['--hot-reload=yes'], '--hot-reload: takes no value'],
    [['--help=yes'], '--help: takes no value'],
    [['-p', '1', '--port', '2'], '--port: given twice'],
    [['-k', 'top', CANARY], 'argument 3: unexpected; the command or URL of a server comes after --'],
    [['--port', '1', 'check'], 'argument 3: check comes first: mcpo-proxy check ...'],
  ])('[ENV] %j is refused in one line', (args, problem) => {
    expect(problemsOf(args)).toEqual([problem]);
  });

  it('[ENV][S6] tells all problems at once, and no value', () => {
    const problems = problemsOf(['--prot', CANARY, '--bogus', CANARY, '-k', CANARY, CANARY, '--strict-auth=' + CANARY]);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['--prot', '--bogus', 'argument 7', '--strict-auth']);
    expect(problems.join('\n')).not.toContain(CANARY);
  });
});
