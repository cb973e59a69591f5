import { leaveLargeGarbage } from '@app/mcp-transport';
import { Injectable } from '@nestjs/common';
import { CallRecords } from '../../call/call-records.service.js';
import type { RequestContext } from '../../correlation/request-context.js';
import type { RequestEnd } from '../../http/request-end.middleware.js';
import { LARGE_ANSWER_BYTES, UnreadAnswers } from '../../http/connections/unread-answers.js';
import type { LoggedFields } from '../../logging/access-log.js';
import type { HttpRequest } from './http-request.js';

/** Ends what a request holds: cancels its call where the caller has left, gives the call's place back, and has its record written. */
@Injectable()
export class HttpRequestEnd implements RequestEnd {
  constructor(
    private readonly records: CallRecords,
    private readonly unread: UnreadAnswers,
  ) {}

  /** Others need the call's place, however slowly its answer is read. */
  handedOver({ admission }: HttpRequest, bytes: number): void {
    admission?.slot.vacate();
    if (bytes < LARGE_ANSWER_BYTES) return;
    this.unread.added(bytes);
    leaveLargeGarbage(bytes);
  }

  ended({ leaving, admission }: HttpRequest, isWhole: boolean): void {
    if (!isWhole) leaving?.abort();
    admission?.slot.release();
  }

  record(context: RequestContext, fields: LoggedFields): void {
    this.records.close(context, 'request', fields);
  }
}
