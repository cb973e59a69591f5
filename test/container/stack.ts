import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../support/network/free-port.ts';
import { readCompose, type Service, writableOf } from './compose.ts';
import { Container } from './container.ts';
import { readDockerfile, type Stage } from './dockerfile.ts';
import { layOut } from './image.ts';

/** What .env, or the shell, gives the compose file. */
export const SECRETS = { GATEWAY_KEY: 'key-of-open-webui-1', REDIS_PASSWORD: 'password-of-redis-1' } as const;

/** Where the planner and Redis are for the other containers, and for themselves. */
const PLANNER_PLACE = /(planner-mcp-server|127\.0\.0\.1):8000/g;
const REDIS_PLACE = /@redis:6379/g;

const stages = readDockerfile();
const build = stages.get('build') as Stage;

export const compose = readCompose(SECRETS);
export const stageOf = (name: string): Stage => {
  const stage = stages.get(name);
  if (stage === undefined) throw new Error(`Dockerfile: there is no stage ${name}.`);
  return stage;
};

export interface Stack {
  readonly redis: Container;
  readonly planner: Container;
  readonly gateway: Container;
  readonly url: string;
}

/** The services of the compose file that are ours, and Redis, with their own commands and variables, but at ports that are free here. */
export async function startStack(folder: string, started: (container: Container) => Container): Promise<Stack> {
  const [port, plannerPort, redisPort] = [await freePort(), await freePort(), await freePort()].map(String) as [string, string, string];
  const moved = (text: string) =>
    text
      .replaceAll(PLANNER_PLACE, `127.0.0.1:${plannerPort}`)
      .replaceAll(REDIS_PLACE, `@127.0.0.1:${redisPort}`)
      .replace(/\bredis-(server|cli) /, (whole, kind) => `${whole}${kind === 'cli' ? '-p' : '--port'} ${redisPort} `);
  const start = (name: string, more: Readonly<Record<string, string>> = {}) => {
    const service = compose.services[name] as Service;
    return started(service.build ? ofImage(folder, name, service, moved, more) : ofAnotherImage(folder, name, service, moved));
  };
  const redis = start('redis');
  const planner = start('planner-mcp-server', { PLANNER_PORT: plannerPort });
  const gateway = start('mcpo-proxy', { PORT: port });
  return { redis, planner, gateway, url: `http://127.0.0.1:${port}` };
}

/** `docker run` of an image alone, with a root that is read-only. */
export async function startImage(
  folder: string,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<{ container: Container; url: string }> {
  const port = String(await freePort());
  const service: Service = { image: '', build: { context: '.', target: name }, tmpfs: ['/tmp'] };
  return { container: ofImage(folder, name, service, String, { ...env, PORT: port }), url: `http://127.0.0.1:${port}` };
}

function ofImage(
  folder: string,
  name: string,
  service: Service,
  moved: (text: string) => string,
  more: Readonly<Record<string, string>>,
): Container {
  const stage = stageOf(service.build?.target as string);
  const root = path.join(folder, name);
  layOut(build, stage, root);
  const scratch = scratchOf(service);
  return new Container({
    root,
    user: stage.user,
    workdir: stage.workdir,
    env: { ...stage.env, ...environmentOf(service, moved), ...more },
    command: [...stage.entrypoint, ...(service.command?.split(' ') ?? stage.command)].map(moved),
    healthcheck: checkOf(service.healthcheck?.test ?? ['CMD', ...stage.healthcheck]).map(moved),
    writable: [...new Set([...stage.volumes, ...writableOf(service)])].filter((place) => !scratch.includes(place)),
    scratch,
  });
}

/** Redis: its program is the machine's, in a root that holds nothing else. */
function ofAnotherImage(folder: string, name: string, service: Service, moved: (text: string) => string): Container {
  const root = path.join(folder, name);
  const stage: Stage = { ...stageOf('slim'), copies: [], volumes: [] };
  const scratch = [...scratchOf(service), '/tmp'];
  layOut(build, stage, root);
  for (const place of scratch) mkdirSync(path.join(root, place), { recursive: true });
  const [, shell = ''] = /^sh -c '(.*)'$/.exec(service.command ?? '') ?? [];
  return new Container({
    root,
    user: '999:999',
    workdir: '/data',
    env: environmentOf(service, moved),
    command: ['sh', '-c', moved(shell)],
    healthcheck: checkOf(service.healthcheck?.test ?? []).map(moved),
    writable: [],
    scratch,
  });
}

function checkOf([kind, ...rest]: readonly string[]): string[] {
  return kind === 'CMD-SHELL' ? ['sh', '-c', ...rest] : rest;
}

function environmentOf({ environment = {} }: Service, moved: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, moved(String(value))]));
}

function scratchOf({ tmpfs = [] }: Service): string[] {
  return tmpfs.map((place) => place.split(':')[0] as string);
}
