import type { CallProgress } from '../../call/progress/call-progress.js';
import { progressText } from '../../open-webui/status-text.js';
import type { Answer } from './answer/answer.js';

/** Open WebUI keeps each line: two a second. */
const PAUSE_MS = 500;

/** Shows on the answer how far its calls are; what comes sooner after the last is passed over. */
export function progressOn(answer: Answer): (tool: string, progress: CallProgress) => void {
  let lastAt = -Infinity;
  return (tool, progress) => {
    const now = performance.now();
    if (now - lastAt < PAUSE_MS) return;
    lastAt = now;
    answer.status(progressText(tool, progress), false);
  };
}
