import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AMPLE_LIMITS } from '../../../test/support/ample-limits.ts';
import { get, post } from '../../../test/support/exchange.ts';
import { until } from '../../../test/support/until.ts';
import { type LoggedProcess, startLoggedGateway } from '../logged-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bench-turns-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let started = 0;

type Headers = Readonly<Record<string, string>>;

/** The built gateway, which tells how long it held its event loop. */
export class WatchedGateway {
  private readonly gateway: LoggedProcess;
  private readonly file: string;

  private constructor(gateway: LoggedProcess, file: string) {
    this.gateway = gateway;
    this.file = file;
  }

  static async start(env: Headers, args: readonly string[] = []): Promise<WatchedGateway> {
    const nodeArgs = [`--import=${path.resolve('bench/support/measured/watch-turns.mjs')}`];
    const file = path.join(folder, String(started++));
    return new WatchedGateway(
      await startLoggedGateway({ nodeArgs, args, env: { PORT: '0', ...AMPLE_LIMITS, ...env, TURNS_FILE: file } }),
      file,
    );
  }

  stop(): Promise<unknown> {
    return this.gateway.stop();
  }

  reload(): void {
    process.kill(this.gateway.pid, 'SIGHUP');
  }

  /** Milliseconds of the longest turn since this was last asked. */
  async longestTurn(): Promise<number> {
    const linesBefore = linesOf(this.file).length;
    process.kill(this.gateway.pid, 'SIGUSR2');
    return Number(await until('the gateway tells its turns', () => linesOf(this.file)[linesBefore]));
  }

  /** Resolves when the gateway's servers have so many tools, in their order. */
  async listed(counts: readonly number[], headers: Headers = {}): Promise<void> {
    await until(`${counts.join(', ')} tools are listed`, async () => {
      const { servers } = JSON.parse((await get(this.gateway.url, '/v1/servers', headers)).text) as { servers: { tools: number }[] };
      return servers.map(({ tools }) => tools).join() === counts.join();
    });
  }

  /** Resolves when a server asks callers for their credentials. */
  async asking(): Promise<void> {
    await until('the server asks for credentials', async () => (await get(this.gateway.url, '/v1/servers')).text.includes('"needs_auth"'));
  }

  async publish(headers: Headers = {}): Promise<void> {
    for (const document of ['/openapi.json', '/v1/openapi.json', '/v1/tools?format=mcp']) {
      const { status } = await get(this.gateway.url, document, headers);
      if (status !== 200) throw new Error(`${document} was answered ${status}.`);
    }
  }

  async call(names: readonly string[], headers: Headers = {}): Promise<void> {
    const bodies = ['{}', '{"a":1,"b":{"c":[]}}'];
    await Promise.all(names.flatMap((name) => bodies.map((body) => post(this.gateway.url, `/v1/tools/${name}`, body, headers))));
  }
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
