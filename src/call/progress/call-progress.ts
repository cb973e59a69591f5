/** How far a call is, as its server reports it (MCP basic/utilities/progress). */
export interface CallProgress {
  readonly progress: number;
  /** What `progress` is to reach, if that is known. */
  readonly total?: number;
  /** Plain text, without secrets of the gateway, and cut. */
  readonly message?: string;
}

/**
 * The progress that the parameters of a notification tell; undefined for one that tells none. Nothing else of them is passed on: the token
 * is the gateway's own. `shown` makes a message fit to be shown.
 */
export function toCallProgress(params: Readonly<Record<string, unknown>>, shown: (message: string) => string): CallProgress | undefined {
  const { progress, total, message } = params;
  if (!isFinite(progress)) return undefined;
  const text = typeof message === 'string' ? shown(message) : '';
  return { progress, ...(isFinite(total) && { total }), ...(text !== '' && { message: text }) };
}

/** JSON has numbers that are too large for one, and are infinite here. */
function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}
