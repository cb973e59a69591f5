import { errorOf } from './tool-call.js';
import type { IncomingFrame } from './frames.js';
import type { Request } from './request.js';

interface Page {
  readonly tools: Readonly<Record<string, unknown>>[];
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

/** A page of the list of tools, asked for. */
export function toolList(
  id: string,
  cursor: string | undefined,
  settle: { resolve(page: Page): void; reject(error: unknown): void },
): Request {
  const hear = ({ type, data }: IncomingFrame): boolean => {
    if (type === 'error') settle.reject(errorOf(data, id));
    if (type === 'tools_changed')
      settle.resolve({ tools: data['tools'] as Page['tools'], next: data['next_cursor'] as string | undefined });
    return type === 'error' || type === 'tools_changed';
  };
  const frame = { type: 'list_tools', correlation_id: id, ...(cursor !== undefined && { data: { cursor } }) } as const;
  return { frame, isSent: false, isAccepted: false, isRepeatable: true, hear, fail: settle.reject };
}
