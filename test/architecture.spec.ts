import 'reflect-metadata';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { CallModule } from '../src/call/call.module.js';
import { TOOL_STEPS } from '../src/call/tool-step.js';

const PAGE = readFileSync('docs/architecture.md', 'utf8');
/** What each row of the table says of the folder, or the folders, that it begins with. */
const ROWS = new Map(
  [...PAGE.matchAll(/^\| (`[^|]+) \| (.+) \|$/gm)].flatMap(([, names = '', text = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [name as string, text] as const),
  ),
);

/** Empty ones, which Git leaves behind where files have moved, are none. */
function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(`${folder}/${entry.name}`).length > 0)
    .map(({ name }) => `${folder}/${name}`);
}

/** The steps in the order in which Nest puts them together. */
function steps(): string[] {
  const providers = Reflect.getMetadata('providers', CallModule) as { provide?: unknown; inject?: { name: string }[] }[];
  const list = providers.find(({ provide }) => provide === TOOL_STEPS)?.inject ?? [];
  return list.map(({ name }) =>
    name
      .replace(/Step$/, '')
      .replace(/\B[A-Z]/g, ' $&')
      .toLowerCase(),
  );
}

describe('docs/architecture.md', () => {
  it('[C3] names every step of a call, in order', () => {
    const picture = PAGE.split('src/call/call.module.ts, in order:\n')[1]?.split('CallRecords')[0] ?? '';
    const named = [...picture.matchAll(/^ {3}(\w+(?: \w+)?) {2,}\w/gm)].map(([, name]) => name);
    expect(named).toEqual(steps());
  });

  it('[C2] says of each folder what happens there, and of none that is not there', () => {
    const folders = ['src', 'src/faces', 'libs', 'apps'].flatMap(foldersIn).filter((folder) => folder !== 'src/faces');
    expect(folders.filter((folder) => !ROWS.has(folder))).toEqual([]);
    expect([...ROWS.keys()].filter((folder) => !existsSync(folder))).toEqual([]);
  });

  it('[C3] has a decision that names each shortcut past the framework, and what there is without it', () => {
    const shortcuts = readdirSync('src/http/framework').filter((file) => !file.endsWith('.spec.ts'));
    const decision = readFileSync('docs/adr/0012-shortcuts-past-express.md', 'utf8');
    expect(shortcuts.filter((file) => !decision.includes(`\`${file}\``))).toEqual([]);
  });

  it('[C2] names the folders inside those of src, and none that are not there', () => {
    const wrong = [...ROWS].flatMap(([folder, text]) => {
      if (!folder.startsWith('src/')) return [];
      const named = [...text.matchAll(/`([\w-]+)\/`/g)].map(([, name]) => name as string);
      const there = foldersIn(folder).map((each) => each.slice(folder.length + 1));
      const lost = there.filter((each) => !named.includes(each)).map((each) => `${folder} has ${each}/`);
      return [...lost, ...named.filter((each) => !there.includes(each)).map((each) => `${folder} has no ${each}/`)];
    });
    expect(wrong).toEqual([]);
  });
});
