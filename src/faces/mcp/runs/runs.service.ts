import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import type { Caller } from '../../../correlation/caller.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { CODE, invalidParams, type Reply, type RpcRequest } from '../rpc/rpc.js';
import { principalName } from '../../../correlation/principal.js';
import { type Asking, Run } from './run.js';

/** Requests of clients since 2026-07-28 that wait for their clients to come back with answers: in memory, and bounded. */
@Injectable()
export class Runs implements OnModuleDestroy {
  private readonly suspended = new Map<string, { readonly run: Run; readonly timer: NodeJS.Timeout }>();

  constructor(@Inject(MCP_BOUNDS) private readonly bounds: McpBounds) {}

  onModuleDestroy(): void {
    for (const { run, timer } of this.suspended.values()) {
      clearTimeout(timer);
      run.giveUp();
    }
    this.suspended.clear();
  }

  /** The request that this one goes on with, which `start` begins where there is none. Throws for a state that is nobody's, or another's. */
  of({ method, params }: RpcRequest, caller: Caller, server: string | undefined, start: (run: Run) => Promise<Reply>): Run {
    const owner = principalName(caller.principal);
    const what = { server, method, about: params['name'] ?? params['uri'] };
    const { requestState, inputResponses } = params;
    if (requestState === undefined) {
      const run = new Run(owner, what, this.bounds, inputResponses);
      run.start(start(run));
      return run;
    }
    const run = this.take(requestState, owner, what);
    run.take(inputResponses);
    return run;
  }

  /** Has it wait for its client; the result that says what is asked, or an error where too many wait. */
  suspend(run: Run, inputRequests: JsonObject): Reply {
    if (this.suspended.size >= this.bounds.maxSuspended) {
      run.giveUp();
      return {
        failure: { code: CODE.internalError, message: `${this.bounds.maxSuspended} requests wait for answers already: try again later.` },
      };
    }
    const requestState = run.suspend();
    const timer = setTimeout(() => this.giveUp(requestState), this.bounds.suspendedMs).unref();
    this.suspended.set(requestState, { run, timer });
    return { result: JSON.stringify({ resultType: 'input_required', inputRequests, requestState }) };
  }

  /** The state is good for one time, so that no two go on with the same. */
  private take(state: unknown, owner: string, what: Asking): Run {
    const held = typeof state === 'string' ? this.suspended.get(state) : undefined;
    if (!held || held.run.owner !== owner || !isSame(held.run.what, what)) throw invalidParams(UNKNOWN_STATE);
    clearTimeout(held.timer);
    this.suspended.delete(state as string);
    return held.run;
  }

  private giveUp(state: string): void {
    const held = this.suspended.get(state);
    this.suspended.delete(state);
    held?.run.giveUp();
  }
}

/** Of the same server, method, and name or URI. */
function isSame(one: Asking, other: Asking): boolean {
  return one.server === other.server && one.method === other.method && one.about === other.about;
}

const UNKNOWN_STATE =
  'Invalid params: the gateway does not know this requestState: it is not whole, was used before, has waited for too long, or is of another replica. Begin the request anew, without it.';
