import { Inject, Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { ToolCallMetrics } from '../metrics/tool-call-metrics.js';
import type { ToolCall } from './tool-call.js';
import { TOOL_STEPS, type ToolStep } from './tool-step.js';

/** The one way in to a tool, for every face. */
@Injectable()
export class ToolCallService {
  constructor(
    @Inject(TOOL_STEPS) private readonly steps: readonly ToolStep[],
    private readonly metrics: ToolCallMetrics,
  ) {}

  async call(call: ToolCall): Promise<ToolOutcome> {
    try {
      const outcome = await this.runFrom(0, call);
      this.metrics.count(call.entry, outcome);
      return outcome;
    } catch (error) {
      this.metrics.count(call.entry, undefined);
      throw error;
    }
  }

  private runFrom(index: number, call: ToolCall): Promise<ToolOutcome> {
    const step = this.steps[index];
    if (!step) throw new Error('The last step passed the call on.');
    return step.run(call, () => this.runFrom(index + 1, call));
  }
}
