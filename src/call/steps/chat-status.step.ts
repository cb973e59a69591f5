import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { ChatStatus } from '../../open-webui/chat-status.js';
import { ChatStatuses } from '../../open-webui/chat-statuses.service.js';
import { endText, progressText } from '../../open-webui/status-text.js';
import type { ToolCall } from '../tool-call.js';
import type { OnProgress } from '../tool-call-request.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Shows the progress of a call in the chat that it is made for, beside what its face does with it, unless that shows it there. */
@Injectable()
export class ChatStatusStep implements ToolStep {
  constructor(private readonly statuses: ChatStatuses) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const status = call.isShown ? undefined : this.statuses.of(call.caller);
    return status ? shown(call, status, next) : next(call);
  }
}

/** Each who waits for a shared call has an answer of their own. */
async function shown(call: ToolCall, status: ChatStatus, next: NextStep): Promise<ToolOutcome> {
  const { onProgress, signal } = call;
  const { publishedName } = call.entry as CatalogEntry;
  const end = (kind?: ToolOutcome['kind']) => status.end(endText(publishedName, kind));
  signal.addEventListener('abort', () => end());
  const report: OnProgress = (progress) => {
    status.report(progressText(publishedName, progress));
    onProgress?.(progress);
  };
  call.onProgress = report;
  let outcome: ToolOutcome | undefined;
  try {
    return (outcome = await next(call));
  } finally {
    end(outcome?.kind ?? 'unavailable');
  }
}
