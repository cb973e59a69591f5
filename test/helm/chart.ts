import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { Tools } from './install.ts';
import type { ConfigMap, Deployment, KubernetesObject, Secret } from './kubernetes.ts';

export const CHART = path.resolve('deploy/helm/mcpo-proxy');
/** The least that the chart takes; a Helm that was built by `go install` takes itself for that of a Kubernetes far older. */
const KUBERNETES = '1.27.0';
/** The same, of the schemas. */
const SCHEMAS = '1.27';

/** Of the Prometheus operator 0.79.2 (Apache-2.0, its licence beside the folder): example/prometheus-operator-crd. */
const CRDS = path.resolve('test/helm/crds');

/** What Helm makes of one values file. */
export interface Rendered {
  readonly values: string;
  readonly objects: readonly KubernetesObject[];
}

export const VALUES = ['keys', 'anonymous', 'existing-objects', 'everything'] as const;
export type Values = (typeof VALUES)[number];

/** The chart, by the programs that judge it. */
export class Chart {
  private readonly tools: Tools;

  constructor(tools: Tools) {
    this.tools = tools;
  }

  lint(values: Values): void {
    const { status, text } = this.run(['lint', '--strict', CHART, '--values', fileOf(values)]);
    assert.equal(status, 0, text);
  }

  /** Installed as the release `demo` into the namespace `tools`. */
  render(values: Values, ...flags: readonly string[]): Rendered {
    return { values, objects: objectsOf(this.template(CHART, ['--values', fileOf(values), ...flags])) };
  }

  /** What Helm says when it refuses these flags; fails when it takes them. */
  refusal(...flags: readonly string[]): string {
    const { status, text } = this.run(['template', 'demo', CHART, '--kube-version', KUBERNETES, ...flags]);
    assert.notEqual(status, 0, `Helm takes ${flags.join(' ')}`);
    return text;
  }

  /** Has what is rendered, written to `folder`, judged by the schemas of Kubernetes, and that of the Prometheus operator for its own. */
  validate({ objects }: Rendered, folder: string): void {
    for (const object of objects) writeFileSync(path.join(folder, `${object.kind}.yaml`), stringify(object));
    const { status, text } = output(this.tools.kubectlValidate, ['--version', SCHEMAS, '--local-crds', CRDS, folder]);
    assert.equal(status, 0, text);
    assert.equal(text.match(/OK/g)?.length, objects.length, text);
  }

  /** What is printed after the installation: `helm template` leaves it out, so a copy of the chart in `folder` makes an object of it. */
  notes(folder: string, values: Values, ...flags: readonly string[]): string {
    const copy = path.join(folder, 'chart');
    cpSync(CHART, copy, { recursive: true });
    const notes = readFileSync(path.join(copy, 'templates/NOTES.txt'), 'utf8');
    const object = `{{ define "notes" }}${notes}{{ end }}\nkind: Notes\ntext: {{ include "notes" . | toJson }}\n`;
    writeFileSync(path.join(copy, 'templates/notes.yaml'), object);
    const objects = objectsOf(this.template(copy, ['--values', fileOf(values), ...flags]));
    return (one(objects, 'Notes') as unknown as { text: string }).text;
  }

  private template(chart: string, flags: readonly string[]): string {
    const { status, text, stdout } = this.run(['template', 'demo', chart, '--namespace', 'tools', '--kube-version', KUBERNETES, ...flags]);
    assert.equal(status, 0, text);
    return stdout;
  }

  private run(args: readonly string[]) {
    return output(this.tools.helm, args);
  }
}

function output(program: string, args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  return { status, stdout, text: stdout + stderr };
}

function fileOf(values: Values): string {
  return path.join(CHART, 'ci', `${values}-values.yaml`);
}

/** Fails for YAML that is broken, or that has a key twice. */
function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => {
      assert.deepEqual([...document.errors, ...document.warnings], []);
      return document.toJS() as KubernetesObject | null;
    })
    .filter((object) => object !== null);
}

/** The only object of a kind. */
export function one(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind);
  assert.equal(found.length, 1, `${found.length} objects of the kind ${kind}`);
  return found[0] as KubernetesObject;
}

export const deploymentOf = ({ objects }: Rendered) => one(objects, 'Deployment') as Deployment;
export const podOf = (rendered: Rendered) => deploymentOf(rendered).spec.template.spec;
export const containerOf = (rendered: Rendered) => {
  const { containers } = podOf(rendered);
  assert.equal(containers.length, 1);
  return containers[0] as (typeof containers)[number];
};

/** The Secrets and ConfigMaps among them: their texts, by name. */
export function contentOf({ objects }: Rendered, kind: 'Secret' | 'ConfigMap'): Record<string, Record<string, string>> {
  const those = objects.filter((object): object is Secret | ConfigMap => object.kind === kind);
  const read = (text: string) => (kind === 'Secret' ? Buffer.from(text, 'base64').toString() : text);
  return Object.fromEntries(
    those.map(({ metadata, data }) => [metadata.name, Object.fromEntries(Object.entries(data).map(([key, text]) => [key, read(text)]))]),
  );
}
