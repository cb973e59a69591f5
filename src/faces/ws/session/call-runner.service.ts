import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '@app/mcp-openapi';
import type { CallProgress } from '../../../call/progress/call-progress.js';
import { CallRecords } from '../../../call/call-records.service.js';
import { ToolCallService } from '../../../call/tool-call.service.js';
import { newContext, type RequestContext } from '../../../correlation/request-context.js';
import { overload } from '../../../errors/failed-outcome.js';
import { unexpectedFailure } from '../../../errors/unexpected-failure.js';
import { failureToData } from '../frames/failure-to-data.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import { answeredToEnd, type FailedEnd, failureToEnd, notRun } from './call-to-data.js';
import { UserQuestions } from './user-questions.js';
import { PlaceQueue } from './place-queue.js';
import type { SessionCall } from './session-call.js';
import type { SocketSession } from './socket-session.js';

/** What records call this face. */
export const FACE = 'ws';

/** Does a session's calls, and says in it what becomes of them. */
@Injectable()
export class CallRunner {
  private readonly line: PlaceQueue;
  private isStopping = false;

  constructor(
    private readonly calls: ToolCallService,
    private readonly records: CallRecords,
    @Inject(SOCKET_BOUNDS) bounds: SocketBounds,
  ) {
    this.line = new PlaceQueue(bounds);
  }

  /** Begins no call any more. */
  stop(): void {
    this.isStopping = true;
  }

  /** Resolves when the call is over; never rejects. */
  async run(call: SessionCall, session: SocketSession): Promise<void> {
    await this.line.enter(call.signal);
    let isInLine = true;
    const leaveLine = (): void => {
      if (isInLine) this.line.leave();
      isInLine = false;
    };
    try {
      if (call.signal.aborted) this.endUnrun(call, session, notRun(call.id, call.isLate));
      else if (this.isStopping) this.endUnrun(call, session, failureToEnd(STOPPING, call.id));
      else await this.call(call, session, leaveLine);
    } finally {
      leaveLine();
    }
  }

  /** Ends a call that never came to be asked for, in the session and in the log. */
  endUnrun(call: SessionCall, session: SocketSession, end: FailedEnd): void {
    const context = contextOf(call, session);
    context.errorType = (JSON.parse(end.data) as { error: { type: string } }).error.type;
    this.records.close(context, 'call', { face: FACE, is_delivered: session.end(call, end) });
  }

  private async call(call: SessionCall, session: SocketSession, leaveLine: () => void): Promise<void> {
    const { id, signal, args } = call;
    const { name, idempotencyKey } = call.order;
    const context = contextOf(call, session);
    const onProgress = (told: CallProgress): void => void session.send('tool_progress', id, JSON.stringify(told));
    const onAdmitted = (): void => {
      leaveLine();
      session.send('tool_started', id, JSON.stringify({ name }));
    };
    const onLog = (told: JsonObject): void => void session.send('tool_log', id, JSON.stringify(told));
    const asker = (call.questions = new UserQuestions(name, (type, data) => session.send(type, id, data)));
    const asked = { name, args, caller: session.caller, context, signal, idempotencyKey, whenFull: 'wait' } as const;
    try {
      const answered = await this.calls.call({ ...asked, onAdmitted, onProgress, onLog, asker });
      const end = answeredToEnd(answered, id, name, performance.now() - context.startedAt, call.isLate);
      answered.delivered({ face: FACE, isWhole: session.end(call, end) });
    } catch (err) {
      session.end(call, { type: 'tool_error', data: failureToData(500, unexpectedFailure(err, id), id) });
    }
  }
}

const STOPPING = overload('The gateway is stopping; the tool did not run.', {}, 1);

function contextOf({ id, order }: SessionCall, { caller }: SocketSession): RequestContext {
  const context = newContext(id, caller.address, order.trace);
  context.principal = caller.principal;
  return context;
}
