export interface Gate {
  /** What is promised, as a sentence without its end: `start to first call is at most 1.5 s`. */
  readonly promise: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** Prints goals that are aimed at and not promised: a miss is no failure. */
export function printGoals(goals: readonly Gate[]): void {
  for (const { promise, measured, isMet } of goals)
    console.log(`${isMet ? 'goal reached' : 'goal missed'}: ${promise}; measured ${measured}.`);
}

/** Prints each gate and the last line `N passed, N failed`; the process will end with 1 when one is missed. */
export function report(gates: readonly Gate[]): void {
  for (const { promise, measured, isMet } of gates) console.log(`${isMet ? 'ok' : 'MISSED'}: ${promise}; measured ${measured}.`);
  const failed = gates.filter((gate) => !gate.isMet).length;
  console.log(`${gates.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
