import type { AnsweredCall } from '../../../src/call/answered-call.ts';
import { newContext } from '../../../src/correlation/request-context.ts';
import { ToolCallService } from '../../../src/call/tool-call.service.ts';
import type { ToolCallRequest } from '../../../src/call/tool-call-request.ts';
import type { GatewayHere } from '../gateway.ts';

/** Calls the tool `work` as a face does that says nothing of the caller; its answer is delivered as a whole. */
export async function callOfNobody(gateway: GatewayHere, request: Partial<ToolCallRequest> = {}): Promise<AnsweredCall> {
  const answered = await gateway.app.get(ToolCallService).call({
    name: 'work',
    args: { text: '{}', value: {} },
    caller: { principal: { kind: 'anonymous' }, address: '127.0.0.1', headers: {} } as never,
    context: newContext('c-1', '127.0.0.1'),
    signal: new AbortController().signal,
    ...request,
  });
  answered.delivered({ isWhole: true });
  return answered;
}
