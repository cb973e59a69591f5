import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { type Link, linkIn } from '../questions/link-in-outcome.js';
import { whileThere } from '../questions/while-there.js';
import { AskingCall } from '../questions/question-shares.js';
import { clientKey } from '../../throttler/client-key.js';
import { OpenQuestions } from '../questions/open-questions.service.js';
import type { Asker } from '../questions/asker.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/**
 * Who has to open a link before a call can be made is asked to, where they can be asked (MCP client/elicitation "URL Mode"). The call has
 * its outcome all the same, and nothing runs by itself afterwards: it may be made again.
 */
@Injectable()
export class LinkStep implements ToolStep {
  constructor(private readonly questions: OpenQuestions) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const { asker } = call;
    if (!asker) return next(call);
    const outcome = next(call);
    return outcome instanceof Promise ? outcome.then((later) => this.offer(later, asker, call)) : this.offer(outcome, asker, call);
  }

  private offer(outcome: ToolOutcome, asker: Asker, call: ToolCall): Outcome {
    const link = linkIn(outcome);
    return link && !(link.isServers && asker.tellsOfLinks) ? this.ask(outcome, link, asker, call) : outcome;
  }

  private async ask(
    outcome: ToolOutcome,
    { message, url, elicitationId }: Link,
    asker: Asker,
    { ownSignal, context, given }: ToolCall,
  ): Promise<ToolOutcome> {
    const params = { mode: 'url', message, url, elicitationId };
    const asking = new AskingCall(clientKey(context), undefined, 'text' in given ? given.text.length : 0);
    if (!ownSignal.aborted) await this.questions.put({ method: 'elicitation/create', params }, asker, whileThere(ownSignal), asking).answer;
    return outcome;
  }
}
