import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from './dockerfile.ts';

/** Folders of this machine that stand in for those of the base image, and devices. */
export const OF_THE_MACHINE = ['usr', 'etc', 'proc', 'bin', 'sbin', 'lib', 'lib64'] as const;
export const DEVICES = ['null', 'zero', 'random', 'urandom'] as const;

/** The file system that a stage makes, below `root`: what it copies, its volumes, and places for what the base image has. */
export function layOut(build: Stage, stage: Stage, root: string): void {
  makeWhatNpmTells(build);
  for (const { from, sources, target } of stage.copies) {
    for (const source of sources) cpSync(sourceOf(build, from, source), placeOf(root, stage, source, target), { recursive: true });
  }
  for (const place of ['/tmp', '/node', '/dev', ...stage.volumes]) mkdirSync(path.join(root, place), { recursive: true });
  for (const device of DEVICES) writeFileSync(path.join(root, 'dev', device), '');
  for (const name of OF_THE_MACHINE) standIn(root, name);
  const [uid = 0, gid = 0] = stage.user.split(':').map(Number);
  for (const volume of stage.volumes) chownSync(path.join(root, volume), uid, gid);
}

/** Size and number of the files that a stage adds to its base image. */
export function filesOf(folder: string): { bytes: number; files: number } {
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => lstatSync(path.join(entry.parentPath, entry.name)).size);
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length };
}

/** The build has been made here by its own command; what its line does after that is done here. */
function makeWhatNpmTells({ runs }: Stage): void {
  const [, after] = /^npm run build && (.*)$/.exec(runs.at(-1) ?? '') ?? [];
  if (after === undefined) throw new Error('Dockerfile: the last RUN of the build does not begin with `npm run build`.');
  execFileSync('sh', ['-c', after], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** In this repository, which is the working directory of the build. */
function sourceOf(build: Stage, from: string | undefined, source: string): string {
  if (from === undefined) return source;
  if (from !== 'build') throw new Error(`Dockerfile: ${source} of ${from} cannot be laid out here.`);
  return path.relative(build.workdir, source);
}

/** A folder's content is copied into the target, a file to it or, if the target ends in a slash, into it. */
function placeOf(root: string, { workdir }: Stage, source: string, target: string): string {
  const place = path.join(root, path.resolve(workdir, target));
  return target.endsWith('/') ? path.join(place, path.basename(source)) : place;
}

/** A link where the machine has one: `/bin` is one to `usr/bin`. */
function standIn(root: string, name: string): void {
  const found = lstatSync(`/${name}`, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), path.join(root, name));
  else if (found) mkdirSync(path.join(root, name), { recursive: true });
}
