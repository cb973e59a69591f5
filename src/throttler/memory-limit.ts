import { totalmem } from 'node:os';

/**
 * Bytes that this process may have: the limit of its cgroup (v2 `memory.max`, v1 `memory.limit_in_bytes`, as Node reads them) or `told`,
 * whichever is less; undefined where there is neither.
 */
export function memoryLimit(told: number | undefined, ofCgroup = process.constrainedMemory()): number | undefined {
  // A cgroup without a limit tells of none, or of one beyond every machine.
  const isLimited = ofCgroup > 0 && ofCgroup < totalmem();
  if (!isLimited) return told;
  return told === undefined ? ofCgroup : Math.min(told, ofCgroup);
}
