// Loaded into the measured process by `--import`: at SIGUSR2 it writes to the file that TURNS_FILE names what the longest turn of its event loop
// since the last SIGUSR2 cost in CPU time, in milliseconds. CPU time does not grow with what else runs on the machine, as a delay does.
import { writeFileSync } from 'node:fs';

const file = process.env.TURNS_FILE;
let longestUs = 0;
let before = process.threadCpuUsage();

function look() {
  const now = process.threadCpuUsage();
  longestUs = Math.max(longestUs, now.user + now.system - before.user - before.system);
  before = now;
  setImmediate(look).unref();
}

process.on('SIGUSR2', () => {
  writeFileSync(file, `${longestUs / 1_000}\n`, { flag: 'a' });
  longestUs = 0;
});
look();
