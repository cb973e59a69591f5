import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { GATEWAY } from '../built.js';
import { ROOT } from '../processes.js';
import { until } from '../until.js';

const { PATH = '', HOME = '' } = process.env;
const INFO = { name: 'test', version: '1' };

/** The gateway's own process over stdio, and messages by hand. */
export class Piped {
  readonly messages: { readonly id?: unknown; readonly method?: string; readonly result?: unknown; readonly error?: unknown }[] = [];
  readonly notMessages: string[] = [];
  readonly log: string[] = [];
  readonly exited: Promise<unknown>;

  private constructor(readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stderr }).on('line', (line) => this.log.push(line));
    this.exited = once(child, 'close').then(([code, signal]) => (code as number | null) ?? (signal as string));
  }

  static start(args: readonly string[], env: Readonly<Record<string, string>> = {}, nodeArgs: readonly string[] = []): Piped {
    const main = path.join(ROOT, GATEWAY);
    const child = spawn(process.execPath, [...nodeArgs, main, '--stdio', ...args], { env: { PATH, HOME, ...env }, stdio: 'pipe' });
    child.stdin.on('error', () => undefined);
    return new Piped(child);
  }

  read(): this {
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      try {
        this.messages.push(JSON.parse(line) as object);
      } catch {
        this.notMessages.push(line);
      }
    });
    return this;
  }

  say(message: object): void {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  async ask(id: number, method: string, params: object = {}): Promise<Piped['messages'][number]> {
    this.say({ id, method, params });
    return until(`an answer to ${method}`, () => this.messages.find((message) => message.id === id));
  }

  async open(): Promise<this> {
    await this.ask(0, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: INFO });
    this.say({ method: 'notifications/initialized' });
    return this;
  }

  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

export function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
