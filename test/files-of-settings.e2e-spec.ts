import { execFileSync } from 'node:child_process';
import { closeSync, openSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { request } from './support/exchange.js';
import { runGateway } from './support/gateway-run.js';
import { ROOT, startGateway } from './support/processes.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const CERT = path.join(ROOT, 'test/data/tls/server.crt');
const KEY = path.join(ROOT, 'test/data/tls/server.key');
interface Kind {
  /** Of a gateway that reads the file, whose settings are in this folder. */
  readonly run: (file: string, folder: string) => { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> };
  /** What stands before the problem. */
  readonly told: (file: string, folder: string) => string;
}

const withEntry = (folder: string, entry: object): { args: string[] } => {
  const file = path.join(folder, 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { x: entry } }));
  return { args: ['-c', file] };
};
const inEntry = (key: string) => (file: string, folder: string) =>
  `${path.join(folder, 'mcp.json')}: mcpServers.x.${key}: the file ${file} `;

const KINDS: readonly [string, Kind][] = [
  ['the config file', { run: (file) => ({ args: ['-c', file] }), told: (file) => `${file}: ` }],
  ['API_KEYS_FILE', { run: (file) => ({ env: { API_KEYS_FILE: file } }), told: (file) => `API_KEYS_FILE: ${file}: ` }],
  ['--env-path', { run: (file) => ({ args: ['--env-path', file] }), told: (file) => `${file}: ` }],
  ['${file:PATH}', { run: (file, folder) => withEntry(folder, { command: 'x', args: [`\${file:${file}}`] }), told: inEntry('args.0') }],
  ['tls.ca', { run: (file, folder) => withEntry(folder, { url: 'https://h', tls: { ca: file } }), told: inEntry('tls.ca') }],
  ['--ssl-certfile', { run: (file) => ({ args: ['-t', file, '-K', KEY] }), told: (file) => `--ssl-certfile: the file ${file} ` }],
  ['--ssl-keyfile', { run: (file) => ({ args: ['-t', CERT, '-K', file] }), told: (file) => `--ssl-keyfile: the file ${file} ` }],
];

describe('[ENV][P4] a file of settings', () => {
  const folder = temporaryFolder();
  const closing = closesAfterEach();

  /** The only thing that a gateway says of this file, the place in the config file left out; null where it does not end by itself. */
  const told = ({ run }: Kind, file: string, where: string): string | null => {
    const { args = [], env = {} } = run(file, where);
    const { status, stderr } = runGateway(['-p', '0', ...args], env, where);
    return status === null ? null : stderr.replace(/(?<=mcp\.json):\d+:\d+/, '');
  };

  it.each(KINDS)('that is a pipe ends the start with a sentence: %s', (_, kind) => {
    const where = folder();
    const file = path.join(where, 'pipe');
    execFileSync('mkfifo', [file]);
    expect(told(kind, file, where)).toBe(`${kind.told(file, where)}is no regular file\n`);
  });

  it.each(KINDS)('that is a link to a device ends the start with a sentence: %s', (_, kind) => {
    const where = folder();
    const file = path.join(where, 'device');
    symlinkSync('/dev/null', file);
    expect(told(kind, file, where)).toBe(`${kind.told(file, where)}is no regular file\n`);
  });

  it.each(KINDS.slice(2).filter(([name]) => name !== '${file:PATH}'))('of more than 16 MiB is not read: %s', (_, kind) => {
    const where = folder();
    const file = path.join(where, 'large');
    writeFileSync(file, '');
    truncateSync(file, 16 * 1024 * 1024 + 1);
    expect(told(kind, file, where)).toBe(`${kind.told(file, where)}is larger than 16777216 bytes\n`);
  });

  it('that becomes a pipe while the gateway runs changes nothing, and holds nothing up', async () => {
    const where = folder();
    const { args } = withEntry(where, { command: process.execPath, args: ['-e', 'process.stdin.resume()'] });
    const [, file = ''] = args;
    const gateway = closing(await startGateway({ args }));
    execFileSync('mkfifo', [`${file}.new`]);
    renameSync(`${file}.new`, file);
    try {
      process.kill(gateway.pid, 'SIGHUP');
      const lines = () => gateway.stdout.map((line) => JSON.parse(line) as { msg: string; problems?: string[] });
      const refused = await until('the log', () => lines().find(({ msg }) => msg.startsWith('configuration not taken over')));
      expect(refused.problems).toEqual([`${file}: is no regular file`]);
      expect((await request(gateway.url, '/health/live', { signal: AbortSignal.timeout(10_000) })).status).toBe(200);
    } finally {
      // Lets go whoever waits for a writer.
      closeSync(openSync(file, 'r+'));
    }
  });
});
