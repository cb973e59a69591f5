import { createHash } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { ExecutionLog } from './execution-log.js';
import type { PlanStore } from '../data/plan-store.js';
import { firstUnknownReference } from './reference-check.js';
import { invalidParams, unknownTool } from '../rpc-error.js';
import { firstProblem } from './schema-check.js';
import { TOOLS } from '../tools/index.js';
import type { PlannerTool, ToolAnswer, ToolContext } from '../tools/planner-tool.js';

type CallExtra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** The header whose token a call is made with. */
export const TOKEN_HEADER = 'x-teams-auth-token';
const CORRELATION_HEADER = 'x-correlation-id';
const CORRELATION_META_KEY = 'io.mcpo-proxy/correlation-id';
const MAX_CORRELATION_ID_CHARS = 200;
const DIGEST_HEX_CHARS = 16;

/** The one way in to the tools, for every session and transport. */
export class ToolCalls {
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly store: PlanStore,
    private readonly executions: ExecutionLog,
    /** Resolves when the store's data is kept. */
    private readonly save: () => Promise<void>,
  ) {}

  /** Answers the params of a `tools/call`; rejects with an RpcError for a call that cannot be run. */
  async call(params: unknown, extra: CallExtra): Promise<CallToolResult> {
    const running = this.execute(params, extra);
    this.running.add(running);
    try {
      return await running;
    } finally {
      this.running.delete(running);
    }
  }

  /** Resolves when no call runs any more, or after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    // A message that was just read has not reached its handler yet, and an answer just given not its transport.
    await nextTurn();
    await Promise.race([Promise.allSettled(this.running), delay(timeoutMs, undefined, { ref: false })]);
    await nextTurn();
  }

  private async execute(params: unknown, extra: CallExtra): Promise<CallToolResult> {
    const { name, arguments: args = {} } = (params ?? {}) as { name?: unknown; arguments?: unknown };
    const tool = toolNamed(name);
    const problem = firstProblem(tool.definition.inputSchema, args) ?? firstUnknownReference(args as object, this.store);
    if (problem) throw invalidParams(problem);
    const correlationId = correlationIdOf(extra);
    this.executions.append({
      tool: tool.definition.name,
      ...(correlationId !== undefined && { correlation_id: correlationId }),
      at: this.store.now().toISOString(),
    });
    const answer = await tool.run(args, this.contextOf(extra));
    if (!tool.definition.annotations?.readOnlyHint) await this.save();
    return answerToResult(answer);
  }

  private contextOf(extra: CallExtra): ToolContext {
    const progressToken = extra._meta?.progressToken;
    return {
      store: this.store,
      signal: extra.signal,
      createdBy: digestOf(header(extra, TOKEN_HEADER)),
      progress: async (progress, total, message) => {
        if (progressToken === undefined) return;
        await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total, message } });
      },
    };
  }
}

function toolNamed(name: unknown): PlannerTool {
  if (name === undefined) throw invalidParams({ field: 'name', issue: 'required' });
  if (typeof name !== 'string') throw invalidParams({ field: 'name', issue: 'must be a string' });
  const tool = TOOLS.get(name);
  if (!tool) throw unknownTool(name);
  return tool;
}

function answerToResult(answer: ToolAnswer): CallToolResult {
  switch (answer.kind) {
    case 'refusal':
      return { content: [{ type: 'text', text: answer.sentence }], isError: true };
    case 'value': {
      const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(answer.value) }];
      if (answer.png) content.push({ type: 'image', data: answer.png.toString('base64'), mimeType: 'image/png' });
      return { content, structuredContent: answer.value as Record<string, unknown> };
    }
    default: {
      const exhaustive: never = answer;
      return exhaustive;
    }
  }
}

function correlationIdOf(extra: CallExtra): string | undefined {
  const id = extra._meta?.[CORRELATION_META_KEY] ?? header(extra, CORRELATION_HEADER);
  return typeof id === 'string' && id.length <= MAX_CORRELATION_ID_CHARS ? id : undefined;
}

function header(extra: CallExtra, name: string): string | undefined {
  const value = extra.requestInfo?.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Tells callers apart without keeping what they authenticate with. */
function digestOf(token: string | undefined): string | undefined {
  return token ? createHash('sha256').update(token).digest('hex').slice(0, DIGEST_HEX_CHARS) : undefined;
}
