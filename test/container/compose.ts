import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly user?: string;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
}

const FILE = 'docker-compose.yml';

/** As it is written. */
export function composeText(): string {
  return readFileSync(FILE, 'utf8');
}

/** With the variables of `environment` in their places, as Compose puts them there. Throws for one that is wanted and is not given. */
export function readCompose(environment: Readonly<Record<string, string>>): ComposeFile {
  return interpolated(parse(composeText()), environment) as ComposeFile;
}

const VARIABLE = /\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g;

function interpolated(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(VARIABLE, (whole, name: string | undefined, kind: string | undefined, rest: string) => {
      if (whole === '$$') return '$';
      const given = environment[name as string];
      if (given) return given;
      if (kind === '?') throw new Error(`${name} ${rest}`);
      return kind === '-' ? rest : '';
    });
  }
  if (Array.isArray(value)) return value.map((item) => interpolated(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolated(item, environment)]));
}

/** The folders that a service may write to. */
export function writableOf({ volumes = [], tmpfs = [] }: Service): string[] {
  const mounted = volumes.map((volume) => volume.split(':')).filter(([, , mode]) => mode !== 'ro');
  return [...mounted.map(([, place]) => place as string), ...tmpfs.map((place) => place.split(':')[0] as string)];
}
