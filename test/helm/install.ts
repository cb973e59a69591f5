import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { runCommand, succeeds } from '../support/commands.ts';
import { installDebianPackages } from '../support/debian.ts';

/** The newest one that Go 1.24 builds: that is the Go of Debian 13. */
const VERSION = 'v3.19.5';
const LEAST_GO = 24;
const NEEDS_GO = `The tests of the chart build Helm ${VERSION} with Go 1.${LEAST_GO} or newer.`;

/** Builds the pinned Helm once for all clones of this user, into the folder of caches; gives the path of its program. */
export async function installHelm(): Promise<string> {
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const folder = path.join(caches, 'mcpo-proxy', `helm-${VERSION}`);
  const helm = path.join(folder, 'helm');
  if (await succeeds(helm, ['version'])) return helm;
  const go = await findGo();
  console.error(`Building Helm ${VERSION} ...`);
  const env = { GOBIN: folder, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
  await runCommand(go, ['install', `helm.sh/helm/v3/cmd/helm@${VERSION}`], env).catch((cause: unknown) => {
    throw new Error('Helm could not be built: its sources are fetched as a module of Go, once. Is there a network?', { cause });
  });
  return helm;
}

async function findGo(): Promise<string> {
  if (goIn() === undefined) await installDebianPackages(['golang-go'], NEEDS_GO);
  const found = goIn();
  if (found === undefined || found.minor < LEAST_GO)
    throw new Error(
      `${NEEDS_GO} ${found ? `Here is 1.${found.minor}` : 'Here is none'}: install a newer one, as \`go\` or in /usr/local/go.`,
    );
  return found.go;
}

/** The newest of where Go is looked for. */
function goIn(): { go: string; minor: number } | undefined {
  const found = ['go', '/usr/local/go/bin/go'].flatMap((go) => {
    const { stdout } = spawnSync(go, ['version'], { encoding: 'utf8' });
    const minor = /\bgo1\.(\d+)/.exec(stdout ?? '')?.[1];
    return minor === undefined ? [] : [{ go, minor: Number(minor) }];
  });
  return found.sort((a, b) => b.minor - a.minor)[0];
}
