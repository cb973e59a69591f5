import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../test/support/processes.ts';

/** An MCP server of npm as a config file starts it, and how many tools it listed when `test/data/servers` was captured. */
export interface NpmServer {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly tools: number;
}

/** What must merely be there for a server to list its tools. */
const NEEDS: Readonly<Record<string, { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> }>> = {
  '@modelcontextprotocol/server-everything': {},
  '@modelcontextprotocol/server-filesystem': { args: ['/tmp'] },
  '@modelcontextprotocol/server-memory': {},
  '@modelcontextprotocol/server-sequential-thinking': {},
  '@modelcontextprotocol/server-github': { env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'none' } },
  '@upstash/context7-mcp': {},
  '@playwright/mcp': {},
  '@eslint/mcp': {},
};

/** Installs into `folder` those that the repository does not have, by the versions that were captured. */
export function npmServers(folder: string): NpmServer[] {
  const wanted = Object.entries(NEEDS).map(([pkg, needs]) => ({ pkg, ...needs, ...captured(pkg) }));
  const missing = wanted.filter(({ pkg }) => !isIn(ROOT, pkg) && !isIn(folder, pkg)).map(({ pkg, version }) => `${pkg}@${version}`);
  if (missing.length > 0) install(missing, folder);
  return wanted.map(({ pkg, args = [], env = {}, tools }) => {
    const script = scriptOf(isIn(ROOT, pkg) ? ROOT : folder, pkg);
    const name = pkg.replace('@modelcontextprotocol/', '').replace(/^@/, '').replaceAll('/', '-');
    return { name, entry: { command: process.execPath, args: [script, ...args], env, cwd: folder }, tools };
  });
}

function captured(pkg: string): { version: string; tools: number } {
  const file = path.join(ROOT, 'test/data/servers', `${pkg.replace(/^@/, '').replaceAll('/', '-')}.json`);
  const { about, tools } = JSON.parse(readFileSync(file, 'utf8')) as { about: string; tools: unknown[] };
  return { version: about.slice(about.lastIndexOf(' ') + 1), tools: tools.length };
}

function install(packages: readonly string[], folder: string): void {
  console.error(`Installing ${packages.join(', ')} ...`);
  if (!existsSync(path.join(folder, 'package.json'))) writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, ...packages], { cwd: folder, stdio: ['ignore', 2, 2] });
}

function isIn(folder: string, pkg: string): boolean {
  return existsSync(path.join(folder, 'node_modules', pkg, 'package.json'));
}

function scriptOf(folder: string, pkg: string): string {
  const home = path.join(folder, 'node_modules', pkg);
  const { bin } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as { bin: string | Record<string, string> };
  return path.join(home, typeof bin === 'string' ? bin : (Object.values(bin)[0] as string));
}
