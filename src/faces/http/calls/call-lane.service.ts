import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { callerOf } from '../../../http/caller-of.js';
import { writeAnswer } from '../../../http/write-answer.js';
import type { RequestOfCaller } from '../correlation.interceptor.js';
import { answeredCallToBody } from './answered-call-to-body.js';
import { CallGuard } from './call.guard.js';
import { HttpCalls } from './http-calls.service.js';

/**
 * `POST /v1/tools/{name}` as {@link ToolsController} has it, without the framework's handling of a route around it: the same guard, the
 * same call and the same writing, one after another.
 */
@Injectable()
export class CallLane {
  /** The path of the controller's route. */
  static readonly path = '/v1/tools/:name';

  constructor(
    private readonly guard: CallGuard,
    private readonly calls: HttpCalls,
  ) {}

  /** Answers a call; gives what it could not answer to `failed`. */
  handle(request: RequestOfCaller, response: ServerResponse, failed: (error: unknown) => void): void {
    this.answer(request, response).catch(failed);
  }

  private async answer(request: RequestOfCaller, response: ServerResponse): Promise<void> {
    const entered = this.guard.enter(request);
    if (entered instanceof Promise) await entered;
    request.caller = callerOf(request);
    const answered = await this.calls.named(request.params.name as string, request);
    writeAnswer(response, 200, answeredCallToBody(answered, request));
  }
}
