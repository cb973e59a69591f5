import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { canonicalText, type ToolOutcome } from '@app/mcp-openapi';
import type { CallSignal } from '@app/mcp-transport';
import { ToolCallService } from '../../../call/tool-call.service.js';
import type { CallProgress } from '../../../call/progress/call-progress.js';
import type { CallArguments } from '../../../call/tool-call-request.js';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import type { Caller } from '../../../correlation/caller.js';
import { newContext, type RequestContext } from '../../../correlation/request-context.js';
import { cut, type ForModel, outcomeForModel } from './outcome-for-model.js';
import { readArguments } from './read-arguments.js';
import type { ToolCall } from './tool-calls.js';
import type { ToolOffer } from './tool-offers.service.js';

/** Calls of one round that run at once; the others after them. */
const MAX_AT_ONCE = 8;
/** Longest name that a model is told again. */
const MAX_NAME_LENGTH = 100;

/** One completion, as far as its calls of tools hang on it. */
export class RunsOfCompletion {
  /** How many have been asked for. */
  count = 0;
  /** Of calls with an idempotency key: how often each has been asked for. */
  readonly repeated = new Map<string, number>();

  constructor(
    readonly caller: Caller,
    readonly context: RequestContext,
    readonly signal: CallSignal,
    /** The caller's `Idempotency-Key`. */
    readonly idempotencyKey: string | undefined,
    /** Shows how far a call of this tool is; undefined where the answer does not. */
    readonly show: ((tool: string, progress: CallProgress) => void) | undefined = undefined,
  ) {}
}

/** What came of a call that a model asked for. */
export interface ToolRun extends ForModel {
  readonly call: ToolCall;
}

/** Runs the tools that models ask for: each a call like any other, with a place and limits of its own. */
@Injectable()
export class ToolRuns {
  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'chat'>,
    private readonly calls: ToolCallService,
  ) {}

  /** All calls of a round, in parallel; what came of each, in their order. */
  async runAll(asked: readonly ToolCall[], offer: ToolOffer, of: RunsOfCompletion): Promise<ToolRun[]> {
    const runs: ToolRun[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < asked.length; at = next++) {
        const call = asked[at] as ToolCall;
        runs[at] = { call, ...(await this.run(call, offer, of)) };
      }
    };
    await Promise.all(Array.from({ length: Math.min(MAX_AT_ONCE, asked.length) }, work));
    return runs;
  }

  /** One call of a tool by its published name. */
  async call(name: string, args: CallArguments, of: RunsOfCompletion): Promise<ToolOutcome> {
    const { caller, signal, show } = of;
    const context = newContext(of.context.correlationId, of.context.clientAddress, of.context.trace);
    const idempotencyKey = keyOf(name, args, of);
    const shown = show && { isShown: true, onProgress: (progress: CallProgress) => show(name, progress) };
    const answered = await this.calls.call({ name, args, caller, context, signal, idempotencyKey, whenFull: 'wait', ...shown });
    answered.delivered({ face: 'chat', isWhole: !signal.aborted });
    return answered.outcome;
  }

  private async run(call: ToolCall, offer: ToolOffer, of: RunsOfCompletion): Promise<ForModel> {
    const { maxCalls, maxResultCharacters } = this.settings.chat;
    of.count += 1;
    if (of.count > maxCalls) return failure(`No more than ${maxCalls} calls run for one answer (CHAT_MAX_CALLS); this one did not run.`);
    const entry = offer.get(call.name);
    if (!entry) return failure(unknownTool(call.name, offer));
    const args = readArguments(call.args);
    if (typeof args === 'string') return failure(cut(args, maxResultCharacters));
    return outcomeForModel(await this.call(entry.publishedName, args, of), maxResultCharacters);
  }
}

function unknownTool(name: string, offer: ToolOffer): string {
  const closest = offer.closest(name);
  const hint = closest.length > 0 ? ` Did you mean ${closest.join(', ')}?` : '';
  return `There is no tool "${name.slice(0, MAX_NAME_LENGTH)}".${hint}`;
}

function failure(message: string): ForModel {
  return { text: JSON.stringify({ error: message }), images: [] };
}

/** The same completion asked for again makes the same call once; one that it makes twice by itself is made twice. */
function keyOf(name: string, args: CallArguments, { idempotencyKey, repeated }: RunsOfCompletion): string | undefined {
  if (idempotencyKey === undefined) return undefined;
  const what = `${name}\0${canonicalText(args)}`;
  const times = (repeated.get(what) ?? 0) + 1;
  repeated.set(what, times);
  return `chat-${hash('sha256', `${idempotencyKey}\0${what}\0${times}`)}`;
}
