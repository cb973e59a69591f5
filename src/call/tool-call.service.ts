import { Inject, Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { Tracing } from '../tracing/tracing.service.js';
import { AnsweredCall } from './answered-call.js';
import { CallRecords } from './call-records.service.js';
import { ToolCall } from './tool-call.js';
import type { ToolCallRequest } from './tool-call-request.js';
import { inOrder, type NextStep, TOOL_STEPS, type ToolStep } from './tool-step.js';

/** The one way in to a tool, for every face. */
@Injectable()
export class ToolCallService {
  private readonly steps: NextStep;

  constructor(
    @Inject(TOOL_STEPS) steps: readonly ToolStep[],
    private readonly records: CallRecords,
    private readonly tracing: Tracing,
  ) {
    this.steps = inOrder(steps);
  }

  /**
   * Does for a call everything that it is owed, and gives its outcome: it never rejects for what a caller, a server or a limit can do. The
   * face writes the outcome, and tells by {@link AnsweredCall.delivered} when that is done.
   */
  async call(request: ToolCallRequest): Promise<AnsweredCall> {
    const call = new ToolCall(request);
    call.context.principal = call.caller.principal;
    this.tracing.begin?.(call.context);
    let outcome: ToolOutcome;
    try {
      const given = this.steps(call);
      outcome = given instanceof Promise ? await given : given;
    } catch (error) {
      this.records.failed(call);
      // Nobody can tell of its delivery.
      if (!request.admission) this.records.delivered(call, { isWhole: false });
      throw error;
    }
    this.records.answered(call, outcome);
    return new AnsweredCall(call, outcome, this.records);
  }
}
