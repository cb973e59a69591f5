type StopAction = (signal: NodeJS.Signals) => void;

let current: StopAction | undefined;

/** SIGTERM and SIGINT do this from now on, in place of what they did before. */
export function onStopSignal(action: StopAction): void {
  if (!current) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => current?.(signal));
  current = action;
}
