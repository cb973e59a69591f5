import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { readIdempotencyKey } from '../../call/idempotency/idempotency-key.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { unexpectedFailure } from '../../errors/unexpected-failure.js';
import { ChatMetrics, type ChatOutcome } from '../../metrics/chat-metrics.js';
import { writeAnswer } from '../../http/write-answer.js';
import type { Answer } from './answer/answer.js';
import { StreamedAnswer } from './answer/streamed-answer.js';
import { WholeAnswer } from './answer/whole-answer.js';
import { ChatBodies } from './chat-bodies.js';
import type { ChatRequest } from './chat-request.js';
import type { Completion } from './completion.js';
import { CompletionMaker, type Running } from './completion-maker.service.js';
import { cutAnswer } from './loop/tool-loop.service.js';
import { type KnownModel, ModelList } from './models/model-list.service.js';
import { ChatError, invalidRequest, modelFailed, toOpenAiError } from './openai-error.js';
import { hasOpenWebUiHeader } from '../../correlation/open-webui-header.js';

/** Has completions made, and writes them. */
@Injectable()
export class Completions {
  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'chat'>,
    private readonly bodies: ChatBodies,
    private readonly models: ModelList,
    private readonly maker: CompletionMaker,
    private readonly metrics: ChatMetrics,
  ) {}

  /** Answers a completion, streamed or whole; rejects with what is to be answered in its place. */
  async answer(request: ChatRequest, response: Response): Promise<void> {
    const completion = await this.bodies.read(request, response);
    const ending = new Ending();
    request.place?.start(() => ending.end('cut'));
    const idempotencyKey = readIdempotencyKey(request.headers, 'completion', refuseKey);
    const model = await this.models.find(completion.model);
    response.once('close', () => ending.end('left'));
    if (response.destroyed) return;
    const timer = setTimeout(() => ending.end('late'), this.settings.chat.timeoutMs).unref();
    const answer = this.answerTo(completion, model, request, response);
    const running = { completion, model, request, answer, signal: ending.signal };
    let outcome: ChatOutcome = 'failed';
    try {
      outcome = await this.maker.make(running, idempotencyKey);
    } catch (error) {
      outcome = ending.why === 'left' ? 'left' : ending.why && answer.hasBegun ? 'cut' : 'failed';
      if (outcome === 'left') return;
      this.fail(running, ending.why === 'late' ? this.tooLate(answer) : ending.why === 'cut' ? stopping() : error);
    } finally {
      clearTimeout(timer);
      this.metrics.ended(model.provider ? 'model' : 'assistant', outcome, performance.now() - request.context.startedAt);
    }
    const body = answer instanceof WholeAnswer ? await answer.toText() : undefined;
    if (body !== undefined) writeAnswer(response, 200, { contentType: JSON_TYPE, body });
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
    cutAnswer(answer, bound);
    return undefined;
  }

  private fail({ request: { context }, answer }: Running, error: unknown): void {
    if (error === undefined) return;
    if (!answer.fail(error)) throw error;
    const known = toOpenAiError(error);
    context.errorType = known?.error.code ?? known?.error.type ?? 'internal_error';
    if (!known) unexpectedFailure(error, context.correlationId);
  }
}

function refuseKey(issue: string): ChatError {
  return invalidRequest(`Idempotency-Key ${issue}.`, 'Idempotency-Key');
}

/** Why an answer is given up: its client has left, it took too long, the gateway waits for it no longer. */
type Why = 'left' | 'late' | 'cut';

/** One signal for all reasons. */
class Ending extends AbortController {
  /** The first. */
  why: Why | undefined;

  end(why: Why): void {
    this.why ??= why;
    this.abort();
  }
}

/** What is told of an answer that outlasts DRAIN_TIMEOUT; whoever asks again reaches another gateway, or this one when it is back. */
function stopping(): ChatError {
  return modelFailed(
    'The gateway is stopping, and does not wait for this answer any longer (DRAIN_TIMEOUT). Ask again.',
    503,
    'shutting_down',
    '5',
  );
}

const JSON_TYPE = 'application/json; charset=utf-8';
/** Of the assistant. */
const NO_USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
