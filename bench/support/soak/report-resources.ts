/**
 * Loaded into the gateway with `--import`, which runs with `--expose-gc`: on SIGUSR2 it collects garbage and writes the heap that is left
 * and what keeps the event loop alive, by kind, to the file in BENCH_RESOURCES_FILE.
 */
import { renameSync, writeFileSync } from 'node:fs';

const file = process.env['BENCH_RESOURCES_FILE'] as string;
process.on('SIGUSR2', () => {
  gc?.();
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  writeFileSync(`${file}.tmp`, JSON.stringify({ heapBytes: process.memoryUsage().heapUsed, kinds: counts }));
  renameSync(`${file}.tmp`, file);
});
