import { Injectable } from '@nestjs/common';
import type { FailedOutcome } from '../../../errors/failed-outcome.js';
import { overloaded } from '../../../errors/gateway-errors.js';
import { Redis } from '../../../redis/redis.service.js';
import type { Connection } from '../connection.js';
import type { InboundData } from '../frames/inbound-data.js';
import { failureToEnd } from '../session/call-to-data.js';
import { Sessions } from '../session/sessions.service.js';
import type { SessionIdentity, SocketSession } from '../session/socket-session.js';
import { SocketRelays } from './socket-relays.service.js';
import { SharedSessions } from './shared-sessions.service.js';

/** Sessions that are not on this replica. */
@Injectable()
export class SessionsElsewhere {
  constructor(
    private readonly sessions: Sessions,
    private readonly shared: SharedSessions,
    private readonly pipes: SocketRelays,
    private readonly redis: Redis,
  ) {}

  /**
   * The session of a token that its replica has left, which is here from now on; `served` where its replica goes on with it, through this one, from
   * the client's own words `first` on; undefined where there is none of the caller's. Rejects with a 503 where that cannot be told now.
   */
  async resume(
    connection: Connection,
    { resume_token: token, last_seq }: InboundData['resume'],
    first: string,
  ): Promise<SocketSession | 'served' | undefined> {
    if (!this.shared.isThere) return undefined;
    const record = await this.shared.find(token);
    if (record === undefined) throw overloaded('Redis does not say now who has this session.');
    if (record === null && this.redis.isIncomplete) throw overloaded('Redis was away, and may not know again of this session yet.');
    const { session: own } = connection;
    if (!record || record.principal !== own.principalName || record.replica === this.redis.replicaId) return undefined;
    if (record.replica === undefined || !(await this.lives(record.replica)))
      return this.adopt(connection, { id: record.id, token }, last_seq);
    await this.pipes.open(connection, record.replica, first);
    return 'served';
  }

  private async lives(replica: string): Promise<boolean> {
    const lives = await this.redis.lives(replica, { redisMs: 0 });
    if (lives === undefined) throw overloaded('Redis does not say now who has this session.');
    return lives;
  }

  private async adopt({ session: own }: Connection, identity: SessionIdentity, lastSeq: number): Promise<SocketSession> {
    const left = await this.shared.takeOver(identity.token);
    if (!left) throw overloaded('Redis does not say now what this session holds.');
    const session = this.sessions.adopt(identity, own.caller, left, lastSeq);
    for (const call of left.unended) {
      const { type, data } = failureToEnd(UNKNOWN, call);
      session.send(type, call, data);
      session.journal?.ended(call);
    }
    return session;
  }
}

const UNKNOWN: FailedOutcome = {
  kind: 'unknown',
  type: 'outcome_unknown',
  message: 'The replica of the gateway that made this call has ended before its outcome was kept. It may have run, and was not made again.',
  details: { reason: 'replica_ended', outcome: 'unknown' },
};
