import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { runCommand, succeeds } from '../support/commands.ts';
import { installDebianPackages } from '../support/installed/debian.ts';

/** The newest Helm that Go 1.24 builds: that is the Go of Debian 13. */
const HELM = { module: 'helm.sh/helm/v3/cmd/helm', version: 'v3.19.5' };
/** Has the schemas of Kubernetes 1.23 to 1.30 in itself. */
const VALIDATE = { module: 'sigs.k8s.io/kubectl-validate', version: 'v0.0.4' };
const LEAST_GO = 24;
const NEEDS_GO = `The tests of the chart build Helm with Go 1.${LEAST_GO} or newer.`;

/** Paths of programs. */
export interface Tools {
  readonly helm: string;
  readonly kubectlValidate: string;
}

/** Builds the pinned tools, once for all clones of this user. Rejects with what is missing. */
export async function installTools(): Promise<Tools> {
  return { helm: await builtFrom(HELM), kubectlValidate: await builtFrom(VALIDATE) };
}

async function builtFrom({ module, version }: typeof HELM): Promise<string> {
  const name = path.basename(module);
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const folder = path.join(caches, 'mcpo-proxy', `${name}-${version}`);
  const program = path.join(folder, name);
  if (await succeeds(program, ['--help'])) return program;
  const go = await findGo();
  console.error(`Building ${name} ${version} ...`);
  const env = { GOBIN: folder, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
  await runCommand(go, ['install', `${module}@${version}`], env).catch((cause: unknown) => {
    throw new Error(`${name} could not be built: its sources are fetched as modules of Go, once. Is there a network?`, { cause });
  });
  return program;
}

async function findGo(): Promise<string> {
  if (newestGo() === undefined) await installDebianPackages(['golang-go', 'ca-certificates'], NEEDS_GO);
  const found = newestGo();
  if (found !== undefined && found.minor >= LEAST_GO) return found.go;
  throw new Error(`${NEEDS_GO} Here is ${found ? `Go 1.${found.minor}` : 'none'}: install a newer one, as \`go\` or in /usr/local/go.`);
}

/** Of `go` and where its own installer puts it. */
function newestGo(): { go: string; minor: number } | undefined {
  const found = ['go', '/usr/local/go/bin/go'].flatMap((go) => {
    const { stdout } = spawnSync(go, ['version'], { encoding: 'utf8' });
    const minor = /\bgo1\.(\d+)/.exec(stdout ?? '')?.[1];
    return minor === undefined ? [] : [{ go, minor: Number(minor) }];
  });
  return found.sort((one, other) => other.minor - one.minor)[0];
}
