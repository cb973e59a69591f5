import { globSync, readFileSync } from 'node:fs';
import { NOT_COMPLETE_YET, REQUIREMENTS } from '../test/requirements.ts';

/** Prints by how many tests each requirement is cited; fails for one that is complete and uncited, and for an id that nobody knows. */
const files = globSync(['{src,libs,apps,test}/**/*spec.ts', 'test/open-webui/**/*.ts']);
const cited = new Map<string, number>();
for (const file of files) {
  // A title begins with the ids that it cites: `[E5][S4] ...`.
  for (const [, ids] of readFileSync(file, 'utf8').matchAll(/['"`]((?:\[[A-Z]+\d*\]\s?)+)/g)) {
    for (const [, id] of (ids as string).matchAll(/\[([A-Z]+\d*)\]/g)) cited.set(id as string, (cited.get(id as string) ?? 0) + 1);
  }
}

const problems = [...cited.keys()]
  .filter((id) => !(id in REQUIREMENTS) && /^(AC|EP|E|P|S|T|C)\d+$/.test(id))
  .map((id) => `${id}: cited, but not a requirement`);
for (const [id, text] of Object.entries(REQUIREMENTS)) {
  const tests = cited.get(id) ?? 0;
  const isComplete = !NOT_COMPLETE_YET.includes(id);
  if (isComplete && tests === 0) problems.push(`${id}: no test cites it`);
  console.log(`${id.padEnd(6)} ${String(tests).padStart(4)}  ${isComplete ? '' : '(not complete yet) '}${text}`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
