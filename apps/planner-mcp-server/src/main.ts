import { startPlanner } from './planner.js';
import { StartError } from './start-error.js';

try {
  await startPlanner(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.sentences.join('\n')}\n`);
  process.exitCode = 1;
}
