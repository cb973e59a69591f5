import { Injectable } from '@nestjs/common';
import { callerOf } from '../../http/caller-of.js';
import type { Answer } from './answer/answer.js';
import { AssistantAnswers } from './assistant-answer.service.js';
import type { ChatRequest } from './chat-request.js';
import type { Completion } from './completion.js';
import { takesTools } from './loop/tool-choice.js';
import { type LoopEnd, ToolLoop } from './loop/tool-loop.service.js';
import { NO_TOOLS, ToolOffers } from './loop/tool-offers.service.js';
import { RunsOfCompletion } from './loop/tool-runs.service.js';
import type { KnownModel } from './models/model-list.service.js';
import { hasOpenWebUiHeader } from '../../correlation/open-webui-header.js';
import { isTask } from './open-webui.js';
import { progressOn } from './progress-on.js';

/** A completion while it is made. */
export interface Running {
  readonly completion: Completion;
  readonly model: KnownModel;
  readonly request: ChatRequest;
  readonly answer: Answer;
  readonly signal: AbortSignal;
}

/** Makes completions: by the assistant, or by a model and the tools that it may use. */
@Injectable()
export class CompletionMaker {
  constructor(
    private readonly offers: ToolOffers,
    private readonly loop: ToolLoop,
    private readonly assistant: AssistantAnswers,
  ) {}

  /** Rejects for what the caller is told. */
  async make({ completion, model, request, answer, signal }: Running, idempotencyKey: string | undefined): Promise<LoopEnd> {
    const { headers, context } = request;
    const caller = callerOf(request);
    const isATask = isTask(completion, headers);
    const isOpenWebUi = hasOpenWebUiHeader(headers);
    const show = completion.isStreamed && isOpenWebUi ? progressOn(answer) : undefined;
    const runs = new RunsOfCompletion(caller, context, signal, idempotencyKey, show);
    const { provider } = model;
    if (!provider) {
      await this.assistant.run({ completion, runs, answer, isOpenWebUi, isTask: isATask });
      return 'answered';
    }
    const offer = isATask || !takesTools(completion.body) ? NO_TOOLS : await this.offers.for(caller, completion.ownTools);
    return this.loop.run({ completion, model: { ...model, provider }, offer, runs, signal, answer });
  }
}
