import { outputTo } from './log-output.js';
import { LogSink } from './log-sink.js';

const STDOUT = 1;

let sink: LogSink | undefined;

/** The log's place on stdout, one for the process. What waits there when the process ends is written then, as far as it can be. */
export function stdoutLog(): LogSink {
  if (!sink) {
    const made = (sink = new LogSink(outputTo(STDOUT)));
    process.on('exit', () => made.writeNow());
  }
  return sink;
}

/** Resolves when every line of the log is written, at the latest after `withinMs`. */
export async function logWritten(withinMs: number): Promise<void> {
  await sink?.written(withinMs);
}
