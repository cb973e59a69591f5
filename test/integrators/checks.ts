import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { get } from '../support/exchange.ts';
import { EXCEPTIONS } from './exceptions.ts';
import type { Tools } from './install.ts';
import { outputOf, succeedingOutputOf } from './output-of.ts';

/** A gateway with the embedded planner and a key, and the tools to look at it with. */
export interface Scene {
  readonly url: string;
  readonly key: string;
  readonly tools: Tools;
  /** For what the tools write. */
  readonly folder: string;
}

/** One tool's judgement; `run` rejects when it is not what it should be. */
export interface Check {
  readonly title: string;
  run(scene: Scene): Promise<void>;
}

const DOCUMENTS = ['/openapi.json', '/v1/openapi.json', '/planner/openapi.json', '/v1/tools/create_task', '/gateway/openapi.json'];
const HERE = path.resolve('test/integrators');
const SCHEMATHESIS_S = 60;

export const CHECKS: readonly Check[] = [
  ...DOCUMENTS.map((document) => ({
    title: `openapi-spec-validator takes ${document}`,
    run: async (scene: Scene) => {
      await succeedingOutputOf(`${scene.tools.python}/openapi-spec-validator`, [await fileOf(document, scene)], scene.folder);
    },
  })),
  ...DOCUMENTS.map((document) => ({ title: `redocly lint finds nothing in ${document}`, run: (scene: Scene) => lint(document, scene) })),
  { title: 'a client of openapi-typescript and openapi-fetch calls tools', run: callFromTypeScript },
  { title: 'a client of openapi-python-client calls tools', run: callFromPython },
  { title: "OpenAI's own client of Python chats", run: chatFromPython },
  ...['/openapi.json', '/gateway/openapi.json'].map((document) => ({
    title: `schemathesis finds nothing in ${SCHEMATHESIS_S} s of ${document}`,
    run: (scene: Scene) => fuzz(document, scene),
  })),
];

async function fileOf(document: string, { url, key, folder }: Scene): Promise<string> {
  const { status, text } = await get(url, document, { authorization: `Bearer ${key}` });
  if (status !== 200) throw new Error(`${document} answered ${status}: ${text}`);
  const file = path.join(folder, `${document.slice(1).replaceAll('/', '-').replace('.json', '')}.json`);
  await writeFile(file, text);
  return file;
}

interface Linted {
  readonly problems: readonly {
    readonly ruleId: string;
    readonly message: string;
    readonly location: readonly { readonly pointer?: string }[];
  }[];
}

async function lint(document: string, scene: Scene): Promise<void> {
  const { stdout, text } = await outputOf(
    `${scene.tools.npm}/redocly`,
    ['lint', await fileOf(document, scene), '--format=json'],
    scene.folder,
    {
      REDOCLY_TELEMETRY: 'off',
    },
  );
  if (!stdout.includes('{')) throw new Error(text);
  const { problems } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Linted;
  const unknown = problems.filter(({ ruleId }) => !Object.hasOwn(EXCEPTIONS['rules of redocly'], ruleId));
  if (unknown.length > 0)
    throw new Error(unknown.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`).join('\n'));
}

async function callFromTypeScript(scene: Scene): Promise<void> {
  const { tools, url, key } = scene;
  const folder = path.join(tools.scripts, 'client');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await copyFile(path.join(HERE, 'client.ts.txt'), path.join(folder, 'client.ts'));
  await succeedingOutputOf(
    `${tools.npm}/openapi-typescript`,
    [await fileOf('/openapi.json', scene), '--output', path.join(folder, 'api.d.ts')],
    folder,
  );
  const strict = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--allowImportingTsExtensions',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  await succeedingOutputOf(`${tools.npm}/tsc`, [...strict, 'client.ts'], folder);
  await succeedingOutputOf(process.execPath, ['client.ts', url, key], folder);
}

async function callFromPython(scene: Scene): Promise<void> {
  const { tools, url, key, folder } = scene;
  const generated = path.join(folder, 'planner');
  const args = [
    'generate',
    '--path',
    await fileOf('/openapi.json', scene),
    '--meta',
    'none',
    '--output-path',
    generated,
    '--overwrite',
    '--fail-on-warning',
  ];
  // It has its own formatter run by name.
  const env = { PATH: `${tools.python}:${process.env['PATH']}`, PYTHONPATH: folder };
  await succeedingOutputOf(`${tools.python}/openapi-python-client`, args, folder, env);
  await succeedingOutputOf(`${tools.python}/python`, [path.join(HERE, 'client.py'), url, key], folder, env);
}

async function chatFromPython({ tools, url, key, folder }: Scene): Promise<void> {
  await succeedingOutputOf(`${tools.python}/python`, [path.join(HERE, 'chat.py'), url, key], folder);
}

async function fuzz(document: string, { url, key, tools, folder }: Scene): Promise<void> {
  const args = [
    ['run', `${url}${document}`, '--header', `Authorization: Bearer ${key}`, '--no-color', '--warnings', 'off', '--seed', '1'],
    ['--phases', 'examples,coverage,fuzzing', '--max-examples', '20', '--max-time', `${SCHEMATHESIS_S}`, '--suppress-health-check', 'all'],
    ['--exclude-checks', Object.keys(EXCEPTIONS['checks of schemathesis']).join(','), '--request-timeout', '30'],
    Object.keys(EXCEPTIONS['operations of schemathesis']).flatMap((id) => ['--exclude-operation-id', id]),
  ];
  await succeedingOutputOf(`${tools.python}/schemathesis`, args.flat(), folder);
}
