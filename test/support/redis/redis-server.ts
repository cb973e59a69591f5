import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from 'redis';
import { freePort } from '../network/free-port.ts';
import { until } from '../until.ts';

/** As `nice` counts. */
const PRECEDENCE = -10;

type Client = ReturnType<typeof createClient>;

/** A real Redis of the test's own, and a client beside the gateway's to look at it and to trouble it. */
export class RedisServer {
  readonly url: string;
  private child: ChildProcess;
  private readonly folder: string;
  private readonly args: readonly string[];
  private own: Client | undefined;

  private constructor(port: number, args: readonly string[]) {
    const password = args.includes('--requirepass') ? args[args.indexOf('--requirepass') + 1] : undefined;
    this.url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`;
    this.folder = mkdtempSync(path.join(tmpdir(), 'redis-'));
    this.args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', '', ...args];
    this.child = this.spawn();
  }

  /** With further settings, as its command line has them. Nothing is kept on disk unless they say so. */
  static async start(...args: readonly string[]): Promise<RedisServer> {
    return RedisServer.startOn(await freePort(), ...args);
  }

  static async startOn(port: number, ...args: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(port, args);
    await server.ready();
    return server;
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** A client of the test's own. */
  async client(): Promise<Client> {
    if (!this.own?.isOpen) {
      this.own = createClient({ url: this.url, socket: { reconnectStrategy: false } });
      this.own.on('error', () => undefined);
      await this.own.connect();
    }
    return this.own;
  }

  /** One command, as redis-cli takes it. */
  async run(...command: string[]): Promise<unknown> {
    return (await this.client()).sendCommand(command);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends the process at once; what it held is lost. */
  async kill(): Promise<void> {
    if (this.own?.isOpen) await this.own.disconnect();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  /** Another process on the same port and folder, with further settings. Resolves when it answers, by an error or not. */
  async restart(...args: readonly string[]): Promise<void> {
    this.child = this.spawn(args);
    await this.ready();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawn(more: readonly string[] = []): ChildProcess {
    const child = spawn('redis-server', [...this.args, ...more], { stdio: 'ignore' });
    hasPrecedence(child);
    return child;
  }

  private ready(): Promise<unknown> {
    return until('Redis answers', () => {
      if (this.child.exitCode !== null) throw new Error(`redis-server ended with ${this.child.exitCode}.`);
      return this.run('PING').then(
        () => true,
        (error: Error) => error.message.startsWith('LOADING') || undefined,
      );
    });
  }
}

/** One that tests on a busy machine crowd out would be too slow for a gateway, which asks for an answer within 50 ms. Only root may say so. */
function hasPrecedence({ pid }: ChildProcess): void {
  try {
    setPriority(pid as number, PRECEDENCE);
  } catch {
    // It is as quick as others are.
  }
}
