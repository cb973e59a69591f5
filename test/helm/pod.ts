import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, type RunningProcess, startNode } from '../support/processes.ts';
import { containerOf, contentOf, podOf, type Rendered } from './chart.ts';
import type { Volume } from './kubernetes.ts';

/**
 * Starts what the Deployment starts, as a process: its command without tini, its arguments, its environment and nothing else of ours but PATH, its files
 * below `folder` in place of /, laid as Kubernetes lays them. Only the port is one that the system gives.
 */
export function startPod(rendered: Rendered, folder: string): Promise<RunningProcess> {
  const { command, args, volumeMounts } = containerOf(rendered);
  const places = volumeMounts.map(({ mountPath }) => mountPath);
  for (const { name, mountPath } of volumeMounts) {
    const volume = podOf(rendered).volumes.find((other) => other.name === name);
    assert.ok(volume, `no volume ${name}`);
    layOut(path.join(folder, mountPath), filesOf(rendered, volume), (text) => moved(text, places, folder));
  }
  const isIn = (text: string) => places.some((place) => `${text}/`.startsWith(`${place}/`));
  const variables = Object.entries(environmentOf(rendered)).map(([name, value]) => [name, isIn(value) ? path.join(folder, value) : value]);
  const env = { ...(Object.fromEntries(variables) as Record<string, string>), PORT: '0' };
  const [tini, dashes, node, ...rest] = command;
  assert.deepEqual([tini, dashes, node], ['tini', '--', 'node']);
  const script = rest.pop() as string;
  return startNode(script, { nodeArgs: rest, args, env, cwd: folder });
}

/** As the container sees it, with what is in the rendered Secret. */
export function environmentOf(rendered: Rendered): Record<string, string> {
  const secrets = contentOf(rendered, 'Secret');
  const entries = containerOf(rendered).env.map(({ name, value, valueFrom }) => {
    if (!valueFrom) return [name, (value ?? '').replaceAll('$$(', '$(')];
    const text = secrets[valueFrom.secretKeyRef.name]?.[valueFrom.secretKeyRef.key];
    assert.ok(text !== undefined, `${name} is of a Secret that is not rendered`);
    return [name, text];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

function filesOf(rendered: Rendered, { configMap, secret }: Volume): Record<string, string> {
  const content = configMap
    ? contentOf(rendered, 'ConfigMap')[configMap.name]
    : secret
      ? contentOf(rendered, 'Secret')[secret.secretName]
      : {};
  const items = configMap?.items ?? secret?.items ?? [];
  return Object.fromEntries(items.map(({ key, path: name }) => [name, content?.[key] as string]));
}

/** A file of servers, with its paths where they are on this machine: the image has the program in /app. */
function moved(text: string, places: readonly string[], folder: string): string {
  const elsewhere = new Map([['/app', ROOT], ...places.map((place) => [place, path.join(folder, place)] as const)]);
  return text.replaceAll(new RegExp(`"(${[...elsewhere.keys()].join('|')})/`, 'g'), (_, place: string) => `"${elsewhere.get(place)}/`);
}

/** Each file is a link to one in `..data`, which is a link to the folder that has them. */
function layOut(folder: string, files: Readonly<Record<string, string>>, change: (text: string) => string): void {
  const real = path.join(folder, '..2026_01_01');
  mkdirSync(real, { recursive: true });
  symlinkSync(path.basename(real), path.join(folder, '..data'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(real, name), change(text));
    symlinkSync(path.join('..data', name), path.join(folder, name));
  }
}
