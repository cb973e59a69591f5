/** Loaded into the gateway with `--import`: on SIGUSR2 it writes what keeps its event loop alive, by kind, to the file in BENCH_RESOURCES_FILE. */
import { renameSync, writeFileSync } from 'node:fs';

const file = process.env['BENCH_RESOURCES_FILE'] as string;
process.on('SIGUSR2', () => {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  writeFileSync(`${file}.tmp`, JSON.stringify(counts));
  renameSync(`${file}.tmp`, file);
});
