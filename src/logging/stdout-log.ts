import { outputTo } from './log-output.js';
import { LogSink } from './log-sink.js';

const STDOUT = 1;
const STDERR = 2;

let sink: LogSink | undefined;

/** The log's place on stdout, one for the process. What waits there when the process ends is written then, as far as it can be. */
export function stdoutLog(): LogSink {
  return (sink ??= sinkOn(STDOUT));
}

/** The same on stderr, in place of that, for a gateway whose stdout is its client's. */
export function stderrLog(): LogSink {
  return (sink ??= sinkOn(STDERR));
}

function sinkOn(fd: number): LogSink {
  const made = new LogSink(outputTo(fd));
  process.on('exit', () => made.writeNow());
  return made;
}

/** Resolves when every line of the log is written, at the latest after `withinMs`. */
export async function logWritten(withinMs: number): Promise<void> {
  await sink?.written(withinMs);
}
