import { hash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { canonicalText } from '@app/mcp-openapi';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { notFound } from '../../../errors/gateway-errors.js';
import { type FailedOutcome, overload } from '../../../errors/failed-outcome.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import type { InboundFrame } from '../frames/inbound-frame.js';
import { CallQueue, QueuedBytes } from './call-queue.js';
import { CallRunner } from './call-runner.service.js';
import { failureToEnd } from './call-to-data.js';
import { SessionCall } from './session-call.js';
import { Sessions } from './sessions.service.js';
import type { SocketSession } from './socket-session.js';

/** Takes the calls of all sessions, each once. */
@Injectable()
export class SessionCalls {
  private readonly queues = new WeakMap<SocketSession, CallQueue>();
  private readonly queuedBytes: QueuedBytes;

  constructor(
    private readonly sessions: Sessions,
    private readonly runner: CallRunner,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
  ) {
    this.queuedBytes = new QueuedBytes(bounds);
  }

  /** How many calls of a session are under way or wait. */
  sizeOf(session: SocketSession): number {
    return this.queues.get(session)?.size ?? 0;
  }

  /** Has a call done. One whose id is known is not made again: what was said of it is. Throws a 409 where it was another call. */
  take(session: SocketSession, { correlationId, trace, data, said, args }: InboundFrame<'tool_call'>): void {
    const id = correlationId ?? randomUUID();
    const digest = hash('sha256', canonicalText(said), 'base64url');
    const known = session.memory.digestOf(id);
    if (known !== undefined) return this.repeat(session, id, known === digest);
    const { name, idempotency_key: idempotencyKey, timeout_ms: timeoutMs } = data;
    const order = { id, name, text: args.text, digest, idempotencyKey, timeoutMs, trace };
    this.sessions.use(session);
    this.begin(session, new SessionCall(order, args.value));
  }

  /** Gives a call up; its end says whether it may have run. One that has ended meanwhile is left alone. Throws a 404 for one that there never was. */
  cancel(session: SocketSession, id: string): void {
    if (session.memory.digestOf(id) === undefined) throw notFound('There is no call with this correlation_id in this session.');
    session.memory.callOf(id)?.cancel();
  }

  /** Answers what the server of a call has asked. Throws a 404 for what is not asked, or not any more. */
  answer(session: SocketSession, { correlationId, data: { id, action, content } }: InboundFrame<'elicitation_response'>): void {
    const questions = session.memory.callOf(correlationId as string)?.questions;
    if (!questions?.answer(id, { action, ...(content && { content }) }))
      throw new GatewayException(404, { ...NO_QUESTION, details: { reason: 'no_such_question', id } });
  }

  private begin(session: SocketSession, call: SessionCall): void {
    session.memory.add(call);
    session.journal?.took(call.id, call.order.digest);
    if (this.queueOf(session).add(call)) return;
    this.runner.endUnrun(call, session, failureToEnd(this.full(), call.id));
    // It may be asked for again.
    session.memory.forget(call.id);
  }

  private repeat(session: SocketSession, id: string, isSame: boolean): void {
    if (!isSame) throw new GatewayException(409, OTHER_CALL);
    if (session.repeat(id) || session.memory.callOf(id)) return;
    const { type, data } = failureToEnd(NOT_KEPT, id);
    session.send(type, id, data);
  }

  private queueOf(session: SocketSession): CallQueue {
    let queue = this.queues.get(session);
    if (!queue) {
      queue = new CallQueue(this.bounds, this.queuedBytes, (call) => this.runner.run(call, session));
      this.queues.set(session, queue);
    }
    return queue;
  }

  private full(): FailedOutcome {
    const { queuedCalls, queuedBytes } = this.bounds;
    const reason = `No more calls can wait on this socket (${queuedCalls}, or ${queuedBytes} bytes), or on all of them together; the tool did not run.`;
    return overload(reason, { limit: queuedCalls }, 1);
  }
}

const OTHER_CALL = {
  type: 'conflict',
  message: 'Another call had this correlation_id in this session. Send a new one with each new call; this call was not made.',
  details: { reason: 'correlation_id_reused' },
};
const NO_QUESTION = {
  type: 'not_found',
  message: 'No question of this call has this id, or it is over: answered, withdrawn, or too old (ELICITATION_TIMEOUT).',
};
const NOT_KEPT: FailedOutcome = {
  kind: 'unknown',
  type: 'outcome_unknown',
  message: 'The call with this correlation_id was made; its answer is not kept any more. It was not made again.',
  details: { reason: 'answer_not_kept' },
};
