import { startPlanner } from './planner.js';
import { StartError } from './start-error.js';

/** Starts the planner as the command line and the environment say; what is wrong with them goes to stderr, and the exit code is 1. */
export async function run(): Promise<void> {
  try {
    await startPlanner(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.sentences.join('\n')}\n`);
    process.exitCode = 1;
  }
}
