import { closeSync, openSync, writeSync } from 'node:fs';
import { StartError } from '../start-error.js';

/** What is counted: a call that ran, whatever it answered. */
interface Execution {
  readonly tool: string;
  readonly correlation_id?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Counts executions in PLANNER_EXECUTIONS_FILE, a JSON object a line; without a file it counts nothing. */
export class ExecutionLog {
  private fd: number | undefined;

  constructor(file: string | undefined) {
    this.fd = file === undefined ? undefined : openToAppend(file);
  }

  /** Written when it returns, so that a killed process loses none. */
  append(execution: Execution): void {
    if (this.fd !== undefined) writeSync(this.fd, `${JSON.stringify(execution)}\n`);
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }
}

function openToAppend(file: string): number {
  try {
    return openSync(file, 'a');
  } catch (error) {
    throw new StartError([`PLANNER_EXECUTIONS_FILE: ${file} cannot be written: ${(error as Error).message}`], { cause: error });
  }
}
