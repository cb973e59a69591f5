import { Inject, Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { payloadShape, redactedPayload } from '../describe-payload.js';
import { secretsOf } from '../../mcp-client/without-credentials.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Notes arguments and result for the access log, as far as LOG_PAYLOADS allows. */
@Injectable()
export class LogPayloadsStep implements ToolStep {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    return this.settings.logPayloads === 'off' ? next() : this.noted(call, next);
  }

  private async noted(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const outcome = await next();
    const secrets = call.credentials ? secretsOf(call.credentials.headers) : [];
    const describe = (value: unknown) => (this.settings.logPayloads === 'shape' ? payloadShape(value) : redactedPayload(value, secrets));
    call.context.payloads = {
      arguments: describe(call.args.value),
      result: 'result' in outcome ? describe(outcome.result.value) : undefined,
    };
    return outcome;
  }
}
