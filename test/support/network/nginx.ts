import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { succeeds } from '../commands.ts';
import { installDebianPackages } from '../installed/debian.ts';
import { request } from '../exchange.ts';
import { freePort } from './free-port.ts';
import { until } from '../until.ts';

/** A real nginx in front of several servers, each in turn; all that it writes is in a folder of its own. */
export class Nginx {
  /** Where it listens, without a trailing slash. */
  readonly url: string;

  private constructor(
    port: number,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Ready when `readyPath` is answered through it. */
  static async start(servers: readonly { readonly url: string }[], readyPath: string): Promise<Nginx> {
    if (!(await succeeds('nginx', ['-v'])))
      await installDebianPackages(['nginx-light'], 'The tests need nginx, which is not on this machine.');
    const folder = mkdtempSync(path.join(tmpdir(), 'nginx-'));
    const port = await freePort();
    const config = path.join(folder, 'nginx.conf');
    const errors = path.join(folder, 'errors.log');
    writeFileSync(config, configOf(port, servers, folder));
    const child = spawn('nginx', ['-e', errors, '-p', folder, '-c', config], { stdio: 'ignore' });
    const nginx = new Nginx(port, child, folder);
    await until('nginx answers', () => request(nginx.url, readyPath).then(({ status }) => status === 200, isFalse)).catch(
      (error: unknown) => {
        throw new Error(`nginx does not answer:\n${readFileSync(errors, 'utf8')}`, { cause: error });
      },
    );
    return nginx;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const isFalse = () => false;

function configOf(port: number, servers: readonly { readonly url: string }[], folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${folder}/${what};`);
  const upstreams = servers.map(({ url }) => `server ${new URL(url).host};`);
  return `
    ${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
    daemon off;
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log ${folder}/errors.log;
    events { worker_connections 2048; }
    http {
      access_log off;
      ${temporary.join('\n      ')}
      upstream replicas { ${upstreams.join(' ')} }
      server {
        listen 127.0.0.1:${port} backlog=1024;
        location / {
          proxy_pass http://replicas;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
    }
  `;
}
