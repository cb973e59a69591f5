import { globSync, readFileSync } from 'node:fs';
import { NOT_BUILT_YET, REQUIREMENTS } from '../test/requirements.ts';

/** Prints by how many tests each requirement is cited; fails for one that is built and uncited, and for an id that nobody knows. */
const files = globSync(['{src,libs,apps,test}/**/*spec.ts', 'test/open-webui/**/*.ts']);
const cited = new Map<string, number>();
for (const file of files) {
  for (const [, title] of readFileSync(file, 'utf8').matchAll(
    /(?:it|test|describe|title)(?:\.each[^\n]*?)?\s*[(:]\s*\n?\s*['"`]([^\n]*)/g,
  )) {
    for (const [, id] of (title as string).matchAll(/\[([A-Z]+\d*)\]/g)) cited.set(id as string, (cited.get(id as string) ?? 0) + 1);
  }
}

const problems = [...cited.keys()].filter((id) => !(id in REQUIREMENTS)).map((id) => `${id}: cited, but not a requirement`);
for (const [id, text] of Object.entries(REQUIREMENTS)) {
  const tests = cited.get(id) ?? 0;
  const isBuilt = !NOT_BUILT_YET.includes(id);
  if (isBuilt && tests === 0) problems.push(`${id}: no test cites it`);
  if (!isBuilt && tests > 0) problems.push(`${id}: cited, so it is built: take it out of NOT_BUILT_YET`);
  console.log(`${id.padEnd(6)} ${isBuilt ? String(tests).padStart(3) : '  -'}  ${text}`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
