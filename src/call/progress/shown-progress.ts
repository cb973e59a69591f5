import type { CallerCredentials } from '@app/mcp-transport';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { OnProgress } from '../tool-call-request.js';
import { toCallProgress } from './call-progress.js';
import { PacedProgress } from './paced-progress.js';

type Notification = Readonly<Record<string, unknown>>;

/** Takes what a server reports of a request, and tells it as it may be told, at a pace that can be read. */
export function shownProgress(
  tell: OnProgress,
  { words }: Upstream,
  credentials: CallerCredentials | undefined,
): PacedProgress<Notification> {
  return new PacedProgress((params) => {
    const progress = toCallProgress(params, (message) => words.remark(message, credentials));
    if (progress) tell(progress);
  });
}
