import { Inject, Injectable } from '@nestjs/common';
import { CallRecords } from '../../call/call-records.service.js';
import { SecurityEvents } from '../../metrics/security-events.js';
import { SocketMetrics } from '../../metrics/socket-metrics.js';
import { SOCKET_BOUNDS, type SocketBounds } from './bounds.js';

/** What connections are counted, bounded and recorded by. */
@Injectable()
export class ConnectionTools {
  constructor(
    @Inject(SOCKET_BOUNDS) readonly bounds: SocketBounds,
    readonly metrics: SocketMetrics,
    readonly events: SecurityEvents,
    readonly records: CallRecords,
  ) {}
}
