import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../../test/support/processes.ts';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** V8's CPU profile, as `--cpu-prof` writes it: times in microseconds of the monotonic clock. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  /** `file:line`, relative to the repository. */
  readonly place: string;
  /** The package, `src/` folder or part of Node that it belongs to. */
  readonly owner: string;
  readonly us: number;
}

/** The one profile that a process wrote into its folder. */
export function readProfile(folder: string): CpuProfile {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (!file) throw new Error('The process wrote no CPU profile: did it end by itself?');
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as CpuProfile;
}

/** The own time of each call frame within the window; a function called from two places is there twice. */
export function selfTimes(profile: CpuProfile, window: { readonly startUs: number; readonly endUs: number }): SelfTime[] {
  const usById = new Map<number, number>();
  let now = profile.startTime;
  profile.samples.forEach((id, index) => {
    const delta = profile.timeDeltas[index + 1] ?? 0;
    now += profile.timeDeltas[index] ?? 0;
    if (now >= window.startUs && now <= window.endUs) usById.set(id, (usById.get(id) ?? 0) + delta);
  });
  return profile.nodes.filter(({ id }) => usById.has(id)).map((node) => toSelfTime(node, usById.get(node.id) as number));
}

function toSelfTime({ callFrame: { functionName, url, lineNumber } }: ProfileNode, us: number): SelfTime {
  const file = url.startsWith('file:') ? path.relative(ROOT, fileURLToPath(url)) : url;
  const name = functionName || '(anonymous)';
  return { name, place: file ? `${file}:${lineNumber + 1}` : '', owner: ownerOf(file, name), us };
}

function ownerOf(file: string, name: string): string {
  if (file.startsWith('node:')) return file.split('/').slice(0, 2).join('/');
  if (file === '') return name.startsWith('(') ? name : 'V8 builtins and native';
  const inModules = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file);
  return inModules?.[1] ?? path.dirname(file);
}
