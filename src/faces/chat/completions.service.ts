import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { writeAnswer } from '../../http/write-answer.js';
import type { Answer } from './answer/answer.js';
import { StreamedAnswer } from './answer/streamed-answer.js';
import { WholeAnswer } from './answer/whole-answer.js';
import { AssistantAnswers } from './assistant-answer.service.js';
import { ChatBodies } from './chat-bodies.js';
import { callerOf, type ChatRequest } from './chat-request.js';
import type { Completion } from './completion.js';
import { takesTools } from './loop/tool-choice.js';
import { ToolLoop } from './loop/tool-loop.service.js';
import { NO_TOOLS, ToolOffers } from './loop/tool-offers.service.js';
import { RunsOfCompletion } from './loop/tool-runs.service.js';
import { type KnownModel, ModelList } from './models/model-list.service.js';
import { ChatError, modelFailed, toOpenAiError } from './openai-error.js';
import { hasOpenWebUiHeader, isTask } from './open-webui.js';
import { progressOn } from './progress-on.js';
import { readIdempotencyKey } from './read-idempotency-key.js';

/** A completion while it is made. */
interface Running {
  readonly completion: Completion;
  readonly model: KnownModel;
  readonly request: ChatRequest;
  readonly answer: Answer;
  readonly signal: AbortSignal;
}

/** Makes completions, and writes them. */
@Injectable()
export class Completions {
  private readonly logger = new Logger('chat');

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'chat'>,
    private readonly bodies: ChatBodies,
    private readonly models: ModelList,
    private readonly offers: ToolOffers,
    private readonly loop: ToolLoop,
    private readonly assistant: AssistantAnswers,
  ) {}

  /** Answers a completion, streamed or whole; rejects with what is to be answered in its place. */
  async answer(request: ChatRequest, response: Response): Promise<void> {
    const completion = await this.bodies.read(request, response);
    request.place?.start();
    const idempotencyKey = readIdempotencyKey(request.headers);
    const model = await this.models.find(completion.model);
    const left = new AbortController();
    response.once('close', () => left.abort());
    if (response.destroyed) return;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.settings.chat.timeoutMs).unref();
    const answer = this.answerTo(completion, model, request, response);
    const running = { completion, model, request, answer, signal: AbortSignal.any([left.signal, late.signal]) };
    try {
      await this.make(running, idempotencyKey);
    } catch (error) {
      if (left.signal.aborted) return;
      this.fail(running, late.signal.aborted ? this.tooLate(answer) : error);
    } finally {
      clearTimeout(timer);
    }
    if (answer instanceof WholeAnswer && answer.body)
      writeAnswer(response, 200, { contentType: JSON_TYPE, body: JSON.stringify(answer.body) });
  }

  private async make({ completion, model, request, answer, signal }: Running, idempotencyKey: string | undefined): Promise<void> {
    const { headers, context } = request;
    const caller = callerOf(request);
    const isATask = isTask(completion, headers);
    const shows = completion.isStreamed && hasOpenWebUiHeader(headers);
    const runs = new RunsOfCompletion(caller, context, signal, idempotencyKey, shows ? progressOn(answer) : undefined);
    const { provider } = model;
    if (!provider) return this.assistant.run({ completion, runs, answer, isOpenWebUi: hasOpenWebUiHeader(headers), isTask: isATask });
    const offer = isATask || !takesTools(completion.body) ? NO_TOOLS : await this.offers.for(caller, completion.ownTools);
    await this.loop.run({ completion, model: { ...model, provider }, offer, runs, signal, answer });
  }

  private answerTo(completion: Completion, { provider }: KnownModel, { headers }: ChatRequest, response: Response): Answer {
    const shown = (text: string) => provider?.shown(text) ?? text;
    const usage = provider ? undefined : NO_USAGE;
    const head = { id: `chatcmpl-${randomUUID().replaceAll('-', '')}`, model: completion.model, shown, usage };
    if (!completion.isStreamed) return new WholeAnswer(head);
    const { wantsUsage, choices } = completion;
    return new StreamedAnswer(response, head, { isOpenWebUi: hasOpenWebUiHeader(headers), wantsUsage, choices });
  }

  /** Undefined where what there is is answered, with a notice. */
  private tooLate(answer: Answer): ChatError | undefined {
    const bound = `no more than ${this.settings.chat.timeoutMs / 1000} s for one answer (CHAT_TIMEOUT)`;
    if (!answer.hasBegun) return modelFailed(`There is no answer: ${bound}.`, 504, 'upstream_timeout');
    this.loop.cut(answer, bound);
    return undefined;
  }

  private fail({ request: { context }, answer }: Running, error: unknown): void {
    if (error === undefined) return;
    if (!answer.fail(error)) throw error;
    const known = toOpenAiError(error);
    context.errorType = known?.error.code ?? known?.error.type ?? 'internal_error';
    if (!known) this.logger.error({ msg: 'unexpected failure', correlation_id: context.correlationId, err: error });
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';
/** Of the assistant. */
const NO_USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
