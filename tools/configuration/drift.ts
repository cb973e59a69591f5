import { readFileSync } from 'node:fs';
import { ENVIRONMENT } from './sources.ts';
import { fallbackOf } from './tables.ts';
import { type Variable, VARIABLES } from './variables.ts';

const CHART = 'deploy/helm/mcpo-proxy';
/** Of compose files and of the chart: Redis takes it, and REDIS_URL refers to it. */
const OF_OTHERS = ['REDIS_PASSWORD'];

/** What is said of variables elsewhere than in docs/configuration.md, and is not so. */
export function drift(): string[] {
  return [...ofExample(), ...ofChart(), ...ofReadme()];
}

function ofExample(): string[] {
  const lines = [...readFileSync('.env.example', 'utf8').matchAll(/^# ?([A-Z][A-Z_]+)=(.*)$/gm)] as unknown as [string, string, string][];
  const values = new Map(lines.map(([, name, value]) => [name, value]));
  const wrong = VARIABLES.filter((variable) => variable.fallback !== undefined && !isFallback(variable, values.get(variable.name)));
  return [
    ...differences('.env.example', [...values.keys()], [...names(), ...OF_OTHERS]),
    ...wrong.map(({ name, fallback }) => `.env.example: ${name} must stand with its default, ${fallback}`),
  ];
}

function isFallback({ name }: Variable, value = ''): boolean {
  const read = (given: object) => JSON.stringify(ENVIRONMENT.safeParse(given).data?.[name as keyof typeof ENVIRONMENT.shape]);
  return read({ [name]: value }) === read({});
}

/** The chart knows each variable, and a number as one, and the words of one that takes only some. */
function ofChart(): string[] {
  const file = `${CHART}/values.schema.json`;
  const { properties } = (JSON.parse(readFileSync(file, 'utf8')) as ChartSchema).properties.config;
  const given = VARIABLES.filter(({ name }) => properties[name] && properties[name].$ref !== '#/definitions/refused');
  return [
    ...differences(file, Object.keys(properties), [...names(), ...OF_OTHERS]),
    ...given
      .filter(({ range, name }) => (range !== undefined) !== (properties[name]?.$ref === COUNT))
      .map(({ name }) => `${file}: ${name} must be a count if it is one`),
    ...given
      .filter(({ words, name }) => words && properties[name]?.enum && `${properties[name].enum}` !== `${words}`)
      .map(({ name, words }) => `${file}: ${name} must be one of ${words}`),
  ];
}

const COUNT = '#/definitions/count';

interface ChartSchema {
  readonly properties: { readonly config: { readonly properties: Readonly<Record<string, { $ref?: string; enum?: string[] }>> } };
}

/** The README's table has some of them, with the defaults that they have. */
function ofReadme(): string[] {
  const section = readFileSync('README.md', 'utf8').split('\n## Configuration\n')[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => ofRow(line.split(' | ')));
}

function ofRow([head = '', said = '']: readonly string[]): string[] {
  const named = [...head.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name as string);
  const variables = named.map((name) => VARIABLES.find((variable) => variable.name === name));
  const unknown = named.filter((_name, index) => !variables[index]).map((name) => `README.md: ${name} is no variable`);
  const fallbacks = variables.map((variable) => (variable ? fallbackOf(variable) : ''));
  // Where words say it, or `none` stands for all of them, nothing can be compared.
  const isList = /^(?:`[^`]*`|none)(?:, (?:`[^`]*`|none))+$|^`[^`]*`$/.test(said);
  return isList && said !== fallbacks.join(', ')
    ? [...unknown, `README.md: ${named.join(', ')}: the default is ${fallbacks.join(', ')}`]
    : unknown;
}

function names(): string[] {
  return VARIABLES.map(({ name }) => name);
}

function differences(file: string, said: readonly string[], known: readonly string[]): string[] {
  return [
    ...known.filter((name) => !said.includes(name)).map((name) => `${file}: ${name} is missing`),
    ...said.filter((name) => !known.includes(name)).map((name) => `${file}: ${name} is no variable`),
  ];
}
