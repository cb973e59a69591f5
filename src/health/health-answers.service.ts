import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { Permissions } from '../auth/permissions.js';
import type { CorrelatedRequest } from '../http/correlation.middleware.js';
import { HealthCallers } from './health-callers.service.js';
import { type HealthReport, healthReport, type HealthStatus } from './health-report.js';
import type { IsSeen } from './health-reports.service.js';
import { ShutdownState } from './shutdown-state.js';

const STOPPING = { reason: 'stopping', status: 'down' } as const;

/** What one caller is told of health: where credentials are configured a stranger the status alone, others what they may use. */
@Injectable()
export class HealthAnswers {
  constructor(
    private readonly callers: HealthCallers,
    private readonly permissions: Permissions,
    private readonly shutdown: ShutdownState,
  ) {}

  /** With 200 whatever the report says, and with 503 while the gateway is about to end. */
  async give(
    request: CorrelatedRequest,
    response: Response,
    reportFor: (isSeen: IsSeen) => HealthReport,
  ): Promise<HealthReport | { readonly status: HealthStatus }> {
    const caller = await this.callers.of(request);
    if (caller) request.context.principal = caller;
    const permissions = caller && this.permissions.of(caller);
    const report = this.orStopping(reportFor((server) => permissions?.permitsServer(server) ?? true));
    response.status(this.shutdown.isStopping ? 503 : 200);
    return caller ? report : { status: report.status };
  }

  private orStopping(report: HealthReport): HealthReport {
    return this.shutdown.isStopping ? healthReport('down', { gateway: STOPPING, ...report.details }) : report;
  }
}
