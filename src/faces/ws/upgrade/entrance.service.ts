import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { AuthService } from '../../../auth/auth.service.js';
import { CallRecords } from '../../../call/call-records.service.js';
import { trustedOrigins } from '../../../config/network/public-base.js';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { type ClientAddress, clientAddressBehind } from '../../../correlation/client-address.js';
import { errorBody } from '../../../errors/error-body.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { badRequest, overloaded } from '../../../errors/gateway-errors.js';
import { unexpectedFailure } from '../../../errors/unexpected-failure.js';
import { linger, wholeAnswer } from '../../../http/connections/client-errors.js';
import { contextOf } from '../../../http/correlation.middleware.js';
import { foreignCheck, type ForeignCheck } from '../../../http/foreign-requests.middleware.js';
import { wrongHosts } from '../../../http/request-head.middleware.js';
import { HttpMetrics } from '../../../metrics/http-metrics.js';
import { SecurityEvents } from '../../../metrics/security-events.js';
import { SOCKET_PATH } from '../socket-path.js';
import { authorizationOf } from './subprotocols.js';
import type { UpgradeRequest } from './upgrade-request.js';

/** Where sockets come in: asks before the upgrade what HTTP asks of a request, and answers in HTTP's own way who may not. */
@Injectable()
export class Entrance {
  private readonly clientAddress: ClientAddress;
  private readonly foreign: ForeignCheck;
  /** Connections of sockets, from the moment that one is let in. */
  private readonly open = new Set<Duplex>();
  private isClosing = false;

  constructor(
    private readonly auth: AuthService,
    private readonly records: CallRecords,
    private readonly metrics: HttpMetrics,
    private readonly events: SecurityEvents,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.clientAddress = clientAddressBehind(settings.trustProxy);
    this.foreign = foreignCheck(settings.allowedHosts, trustedOrigins(settings));
  }

  /** Lets nobody in any more. */
  close(): void {
    this.isClosing = true;
  }

  /** Whether the request may become a socket: then its context is there. One that may not is answered, and its connection ends. */
  async admits(request: IncomingMessage, connection: Duplex): Promise<boolean> {
    const context = contextOf(request.headers, this.clientAddress(request));
    const upgrade = Object.assign(request, { context });
    connection.on('error', () => undefined);
    try {
      this.judgeHead(upgrade);
      context.principal = await this.auth.authenticate(upgrade);
      this.take(connection);
      return true;
    } catch (error) {
      this.refuse(upgrade, connection, error);
      return false;
    }
  }

  /** The upgrade is done. */
  noteOpened(): void {
    this.metrics.count('GET', 101);
  }

  /** Refuses an upgrade that is none as RFC 6455 4.2.1 has it. */
  refuseMalformed(request: IncomingMessage, connection: Duplex, problem: string): void {
    const fields = { type: 'validation_error', message: `This opens no WebSocket (RFC 6455): ${problem}.` };
    this.refuse(request as UpgradeRequest, connection, new GatewayException(400, fields, { 'Sec-WebSocket-Version': '13' }));
  }

  private judgeHead(request: UpgradeRequest): void {
    const refusal = wrongHosts(request) ?? this.foreign.hostProblem(request) ?? this.foreign.originProblem(request);
    if (refusal) throw refusal;
    const authorization = authorizationOf(request.headers['sec-websocket-protocol']);
    if (authorization === undefined) return;
    if (request.headers.authorization !== undefined)
      throw badRequest('validation_error', 'Send the key as a header or as a subprotocol, not as both.');
    request.headers.authorization = authorization;
  }

  private take(connection: Duplex): void {
    const { maxSockets } = this.settings;
    if (this.isClosing) throw overloaded('The gateway is stopping.');
    if (this.open.size >= maxSockets) throw overloaded(`The gateway serves no more than ${maxSockets} WebSockets at once (MAX_SOCKETS).`);
    this.open.add(connection);
    connection.once('close', () => this.open.delete(connection));
    if (connection.destroyed) this.open.delete(connection);
  }

  private refuse(request: UpgradeRequest, connection: Duplex, error: unknown): void {
    const { context } = request;
    const failure = error instanceof GatewayException ? error : new GatewayException(500, unexpectedFailure(error, context.correlationId));
    const { type, retryAfterSeconds } = failure.fields;
    const status = failure.getStatus();
    context.errorType = type;
    if (failure.suspicion) this.events.tell(failure.suspicion, request);
    this.metrics.count('GET', status);
    this.records.close(context, 'request', { method: 'GET', path: `${this.settings.pathPrefix}${SOCKET_PATH}`, status });
    const retry: Record<string, string> = retryAfterSeconds === undefined ? {} : { 'Retry-After': `${retryAfterSeconds}` };
    const { correlationId } = context;
    connection.end(wholeAnswer(status, errorBody(failure.fields, correlationId), correlationId, { ...failure.headers, ...retry }));
    // What is not read would have the answer lost with the connection.
    linger(connection.resume());
  }
}
