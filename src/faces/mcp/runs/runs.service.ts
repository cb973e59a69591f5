import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import type { Caller } from '../../../correlation/caller.js';
import { MCP_BOUNDS, type McpBounds } from '../bounds.js';
import { CODE, invalidParams, type Reply, type RpcRequest } from '../rpc/rpc.js';
import { principalName } from '../../../correlation/principal.js';
import { clientKey } from '../../../throttler/client-key.js';
import { Tally } from '../../../throttler/tally.js';
import { type Asking, Run } from './run.js';

/** A request that waits for its client. */
interface Held {
  readonly run: Run;
  readonly timer: NodeJS.Timeout;
  readonly client: string;
  /** Characters of its answer, once that is there. */
  unfetched: number;
}

/** Requests of clients since 2026-07-28 that wait for their clients to come back with answers: in memory, and bounded. */
@Injectable()
export class Runs implements OnModuleDestroy {
  private readonly suspended = new Map<string, Held>();
  private readonly number = new Tally();
  private readonly unfetched = new Tally();

  constructor(@Inject(MCP_BOUNDS) private readonly bounds: McpBounds) {}

  onModuleDestroy(): void {
    for (const state of [...this.suspended.keys()]) this.release(state)?.run.giveUp();
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
  suspend(run: Run, caller: Caller, inputRequests: JsonObject): Reply {
    const client = clientKey({ principal: caller.principal, clientAddress: caller.address });
    const full = this.fullness(client);
    if (full !== undefined) {
      run.giveUp();
      return { failure: { code: CODE.refused, message: full } };
    }
    const requestState = run.suspend();
    const timer = setTimeout(() => this.release(requestState)?.run.giveUp(), this.bounds.suspendedMs).unref();
    this.suspended.set(requestState, { run, timer, client, unfetched: 0 });
    this.number.add(client, 1);
    const keep: Run['whenReplied'] = (reply) => this.keep(requestState, reply);
    run.whenReplied = keep;
    return { result: JSON.stringify({ resultType: 'input_required', inputRequests, requestState }) };
  }

  private fullness(client: string): string | undefined {
    const { maxSuspended, maxSuspendedOfClient } = this.bounds;
    if (this.number.of(client) >= maxSuspendedOfClient)
      return `${maxSuspendedOfClient} requests of this client wait for answers already: answer some of them, then try again.`;
    return this.suspended.size >= maxSuspended ? `${maxSuspended} requests wait for answers already: try again later.` : undefined;
  }

  /** The state is good for one time, so that no two go on with the same. */
  private take(state: unknown, owner: string, what: Asking): Run {
    const held = typeof state === 'string' ? this.suspended.get(state) : undefined;
    if (!held || held.run.owner !== owner || !isSame(held.run.what, what)) throw invalidParams(UNKNOWN_STATE);
    this.release(state as string);
    return held.run;
  }

  /** Its client has been away for so long that it was answered without: that is kept where there is room. */
  private keep(state: string, reply: Reply): void {
    const held = this.suspended.get(state);
    if (!held || !('result' in reply)) return;
    const { maxUnfetchedOfClient, maxUnfetchedOfAll } = this.bounds;
    const { length } = reply.result;
    if (this.unfetched.of(held.client) + length > maxUnfetchedOfClient || this.unfetched.total + length > maxUnfetchedOfAll)
      return void this.release(state);
    held.unfetched = length;
    this.unfetched.add(held.client, length);
  }

  /** It waits no more. */
  private release(state: string): Held | undefined {
    const held = this.suspended.get(state);
    if (!held || !this.suspended.delete(state)) return undefined;
    clearTimeout(held.timer);
    held.run.whenReplied = undefined;
    this.number.add(held.client, -1);
    this.unfetched.add(held.client, -held.unfetched);
    return held;
  }
}

/** Of the same server, method, and name or URI. */
function isSame(one: Asking, other: Asking): boolean {
  return one.server === other.server && one.method === other.method && one.about === other.about;
}

const UNKNOWN_STATE =
  'Invalid params: the gateway does not know this requestState: it is not whole, was used before, has waited for too long, or is of another replica. Begin the request anew, without it.';
