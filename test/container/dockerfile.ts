import { readFileSync } from 'node:fs';

export interface Copy {
  /** The stage, or image, that it is from; undefined for the build's context. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** A stage of the Dockerfile, with what it has of the stage that it goes on from. */
export interface Stage {
  readonly workdir: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly runs: readonly string[];
  readonly copies: readonly Copy[];
  readonly volumes: readonly string[];
  readonly port: number;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

const EMPTY: Stage = {
  workdir: '/',
  user: '0',
  env: {},
  runs: [],
  copies: [],
  volumes: [],
  port: 0,
  entrypoint: [],
  command: [],
  healthcheck: [],
};

/** The stages by name, as far as this Dockerfile goes: throws for an instruction of another form. */
export function readDockerfile(file = 'Dockerfile'): ReadonlyMap<string, Stage> {
  const text = readFileSync(file, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  const stages = new Map<string, Stage>();
  let name = '';
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      const [base = '', , as = ''] = rest.split(' ');
      name = as;
      stages.set(name, stages.get(base) ?? EMPTY);
    } else {
      const stage = stages.get(name) ?? EMPTY;
      stages.set(name, { ...stage, ...changeOf(stage, instruction, rest) });
    }
  }
  return stages;
}

function changeOf(stage: Stage, instruction: string, rest: string): Partial<Stage> {
  const list = () => JSON.parse(rest.slice(rest.indexOf('['))) as string[];
  switch (instruction) {
    case 'WORKDIR':
      return { workdir: rest };
    case 'USER':
      return { user: rest };
    case 'ENV':
      return { env: { ...stage.env, ...Object.fromEntries(rest.split(' ').map((pair) => pair.split('=') as [string, string])) } };
    case 'RUN':
      return { runs: [...stage.runs, rest] };
    case 'COPY':
      return { copies: [...stage.copies, copyOf(rest.split(' '))] };
    case 'VOLUME':
      return { volumes: list() };
    case 'ENTRYPOINT':
      return { entrypoint: list() };
    case 'CMD':
      return { command: list() };
    case 'HEALTHCHECK':
      return { healthcheck: list() };
    case 'EXPOSE':
      return { port: Number(rest) };
    default:
      throw new Error(`Dockerfile: ${instruction} is not understood here.`);
  }
}

function copyOf(words: readonly string[]): Copy {
  const from = words[0]?.startsWith('--from=') ? words[0].slice('--from='.length) : undefined;
  const paths = from === undefined ? words : words.slice(1);
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) as string };
}
