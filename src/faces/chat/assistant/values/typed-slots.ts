import type { Draft } from './draft.js';
import { type Slot, type SlotKind } from './slots.js';

/** The slots of a kind that have no value yet. */
export function openOf(draft: Draft, kind: SlotKind): Slot[] {
  return draft.open.filter((slot) => slot.kind === kind);
}

/** Within what is said of the tool, not in its text. */
export function isInHead(draft: Draft, index: number): boolean {
  return (
    index < draft.naming.end || !draft.profile.slots.some(({ kind, isRequired }) => isRequired && (kind === 'text' || kind === 'search'))
  );
}

/** The numbers from `start` to before `end`. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, offset) => start + offset);
}
