import { parseCommandLine } from './cli.js';
import { SettingsError } from './config/read-settings.js';
import { VERSION } from './config/version.js';

describe('the command line', () => {
  it.each([
    [[], {}],
    [['--port', '9000'], { PORT: '9000' }],
    [['--host=::1', '--port=0'], { HOST: '::1', PORT: '0' }],
  ])('[ENV] %j sets variables on top of the environment', (args, environment) => {
    expect(parseCommandLine(args)).toEqual({ environment });
  });

  it.each([[['--version']], [['-v']], [['-v', '--port', '1']]])('[ENV] %j prints the version', (args) => {
    expect(parseCommandLine(args)).toEqual({ print: `${VERSION}\n` });
  });

  it('[ENV] --help prints every flag, whatever else is there', () => {
    const { print } = parseCommandLine(['--version', '--help']) as { print: string };
    for (const text of [`mcpo-proxy ${VERSION}`, '--host HOST', '--port PORT', '--version, -v', '--help', 'MCP_SERVER_URL'])
      expect(print).toContain(text);
  });

  it.each([
    [['--bogus'], /^command line: Unknown option '--bogus'$/],
    [['--port'], /^command line: Option '--port <value>' argument missing$/],
    [['--version=yes'], /^command line: Option '-v, --version' does not take an argument$/],
    [['something'], /^command line: Unexpected argument 'something'\. /],
    [['--', 'npx', 'server'], /^command line: Unexpected argument 'npx'\. /],
  ])('[ENV] %j is refused in one line', (args, problem) => {
    expect(() => parseCommandLine(args)).toThrow(SettingsError);
    expect(() => parseCommandLine(args)).toThrow(problem);
  });
});
