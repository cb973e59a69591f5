import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { RequestContext, Suspicion } from '../correlation/request-context.js';
import { METRICS } from './metric-names.js';

/** Why a caller's credentials were refused. */
export type AuthFailure =
  | 'auth_missing'
  | 'auth_malformed'
  | 'auth_unknown_key'
  /** A token that is signed in no way that is taken here. */
  | 'auth_algorithm'
  /** Also a key that the issuer does not have, or that is of no use. */
  | 'auth_signature'
  | 'auth_expired'
  | 'auth_issuer'
  | 'auth_audience'
  /** Any other claim. */
  | 'auth_claims'
  /** The user header of Open WebUI, whatever is wrong with it. */
  | 'auth_user_header';

/** What is told: failures of authentication, and suspicious acts. */
type SecurityEvent = AuthFailure | Suspicion | 'duplicate_authorization' | 'denied_tool' | 'rate_limited';

/** A request whose context tells its correlation id and its caller's address, over HTTP or at the start of a WebSocket. */
export interface TellingRequest {
  readonly context: RequestContext;
}

/** A tool of a server, and the SHA-256 of what it said of it before and after. */
interface ChangedTool {
  readonly upstream: string;
  readonly tool: string;
  readonly before: string;
  readonly after: string;
}

/** Tells the operator of failures of authentication and of suspicious acts, in the log and in the metrics; nothing of it is secret. */
@Injectable()
export class SecurityEvents {
  /** Requests since the start whose credentials were refused, or missing. */
  authFailures = 0;
  private readonly logger = new Logger('security');

  constructor(@InjectMetric(METRICS.securityEvents.name) private readonly events: Counter) {}

  tell(reason: SecurityEvent, { context }: TellingRequest): void {
    if (reason.startsWith('auth_')) this.authFailures += 1;
    this.events.labels(reason).inc();
    this.logger.warn({ msg: 'security_event', reason, correlation_id: context.correlationId, client: context.clientAddress });
  }

  tellOfTool(reason: 'tool_changed', changed: ChangedTool): void {
    this.events.labels(reason).inc();
    this.logger.warn({ msg: 'security_event', reason, ...changed });
  }
}
