import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { ChatMetrics } from '../../../metrics/chat-metrics.js';
import type { Answer } from '../answer/answer.js';
import type { Completion } from '../completion.js';
import type { KnownModel } from '../models/model-list.service.js';
import type { ModelProvider } from '../models/model-provider.js';
import { without } from '../without.js';
import { ChatError } from '../openai-error.js';
import { KeptRounds } from './kept-rounds.service.js';
import { askingMessage, imageMessages, resultMessages } from './round-messages.js';
import { type ToolCall, toMessageCall } from './tool-calls.js';
import { toolsOf } from './tool-choice.js';
import { NO_TOOLS, type ToolOffer } from './tool-offers.service.js';
import { type RunsOfCompletion, type ToolRun, ToolRuns } from './tool-runs.service.js';

/** A completion by a model of a provider. */
interface LoopRequest {
  readonly completion: Completion;
  readonly model: KnownModel & { readonly provider: ModelProvider };
  readonly offer: ToolOffer;
  readonly runs: RunsOfCompletion;
  readonly signal: AbortSignal;
  readonly answer: Answer;
}

/** Whether the model came to an end, or a bound did. */
export type LoopEnd = 'answered' | 'cut';

/** Finish reasons after which the calls of a round are whole. */
const WHOLE = new Set<string | null>(['tool_calls', 'stop', 'function_call', null]);

/**
 * Asks a model, runs the tools of the gateway that it asks for, gives it what came of them, and so on, until it has done or the caller has to
 * run a tool of its own. Rejects for what the caller is told; what has been said by then stays said.
 */
@Injectable()
export class ToolLoop {
  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'chat'>,
    private readonly toolRuns: ToolRuns,
    private readonly kept: KeptRounds,
    private readonly metrics: ChatMetrics,
  ) {}

  async run(request: LoopRequest): Promise<LoopEnd> {
    try {
      return await this.rounds(request);
    } catch (error) {
      if (!doesWithoutTools(error, request)) throw error;
      return this.rounds({ ...request, offer: NO_TOOLS });
    }
  }

  private async rounds(request: LoopRequest): Promise<LoopEnd> {
    const { completion, offer, runs, answer } = request;
    const holdsCalls = !offer.isEmpty;
    const { maxRounds } = this.settings.chat;
    const messages = await this.kept.splice(runs, completion.messages);
    const before: JsonObject[] = [];
    for (let round = 1; ; round += 1) {
      this.metrics.countRound();
      const response = await request.model.provider.complete(bodyOf(request, [...messages, ...before], round), request.signal);
      const { text, calls, finishReason } = await answer.read(response, { holdsCalls });
      const isOfCaller = ({ name }: ToolCall) => completion.ownTools.has(name);
      const [theirs, ours] = [calls.filter(isOfCaller), calls.filter((call) => !isOfCaller(call))];
      // What was cut off in the middle is nobody's to run.
      if (!WHOLE.has(finishReason)) return ended(answer, finishReason, theirs);
      if (ours.length === 0) return ended(answer, theirs.length > 0 ? 'tool_calls' : endOf(finishReason, holdsCalls), theirs);
      if (theirs.length === 0 && round >= maxRounds)
        return cutAnswer(answer, `no more than ${maxRounds} rounds of tools for one answer (CHAT_MAX_ROUNDS)`);
      const done = await this.runTold(ours, request);
      const [asking, results, images] = [askingMessage(text, calls), resultMessages(done), imageMessages(done)];
      if (theirs.length > 0) {
        await this.kept.keep(runs, completion.messages, theirs.map(toMessageCall), { before, asking, results, images });
        return ended(answer, 'tool_calls', theirs);
      }
      before.push(asking, ...results, ...images);
    }
  }

  private async runTold(ours: readonly ToolCall[], { offer, runs, answer, signal }: LoopRequest): Promise<ToolRun[]> {
    const names = [...new Set(ours.map(({ name }) => (offer.get(name) ? name : 'an unknown tool')))].join(', ');
    answer.status(`Running ${names}`, false);
    const done = await this.toolRuns.runAll(ours, offer, runs);
    signal.throwIfAborted();
    answer.status(`Ran ${names}`, true);
    return done;
  }
}

/** Ends an answer that would go on. */
export function cutAnswer(answer: Answer, bound: string): 'cut' {
  answer.say(`[The gateway stopped here: ${bound}.]`);
  answer.finish('length', []);
  return 'cut';
}

function ended(answer: Answer, reason: string | null, calls: readonly ToolCall[]): 'answered' {
  answer.finish(reason, calls);
  return 'answered';
}

/** A model that takes no tools at all can still answer, where its caller asks for none. */
function doesWithoutTools(error: unknown, { completion: { body, ownTools }, offer, answer }: LoopRequest): boolean {
  if (!(error instanceof ChatError) || error.getStatus() !== 400 || !NO_SUPPORT.test(error.error.message)) return false;
  const isFree = body['tool_choice'] === undefined || body['tool_choice'] === 'auto';
  return isFree && ownTools.size === 0 && !offer.isEmpty && !answer.hasBegun;
}

/** As Ollama and others say it. */
const NO_SUPPORT = /not support.{0,40}\btools?\b|\btools?\b.{0,40}not supported/i;

/** A model that has called in vain has nothing more to call. */
function endOf(finishReason: string | null, holdsCalls: boolean): string | null {
  if (finishReason === null) return 'stop';
  return holdsCalls && (finishReason === 'tool_calls' || finishReason === 'function_call') ? 'stop' : finishReason;
}

/** What the model's server is asked: the caller's body, with what the gateway knows better. */
function bodyOf({ completion: { body }, model, offer }: LoopRequest, messages: readonly JsonObject[], round: number): string {
  return JSON.stringify({ ...without(body, 'tools', 'tool_choice'), model: model.upstreamId, messages, ...toolsOf(body, offer, round) });
}
