import { Injectable, type PipeTransform } from '@nestjs/common';
import { isJsonObject } from '@app/mcp-openapi';
import { readTraceContext } from '../../../correlation/trace-context.js';
import { type InboundFrame, type ReadFrame, textsOf } from './inbound-frame.js';
import type { InboundType } from './inbound-data.js';

/** Judges a frame, all but the arguments of a call, which stay the text that came. The validator of classes is large: it is loaded for the first. */
@Injectable()
export class FramePipe implements PipeTransform<ReadFrame, Promise<InboundFrame<InboundType>>> {
  async transform(frame: ReadFrame): Promise<InboundFrame<InboundType>> {
    const { judgeFrame } = await import('./frame-judge.js');
    await judgeFrame(frame.type, withoutArguments(frame.value));
    const { said, args } = textsOf(frame);
    const { correlation_id, traceparent, tracestate } = frame.value;
    const trace = traceparent === undefined ? undefined : readTraceContext(traceparent, tracestate);
    return { correlationId: (correlation_id ?? undefined) as string | undefined, trace, data: said.value as never, said, args };
  }
}

/** What is judged is copied whole, however large it is. */
function withoutArguments(value: ReadFrame['value']): object {
  const { data } = value;
  if (!isJsonObject(data) || !isJsonObject(data.arguments)) return { ...value };
  return { ...value, data: { ...data, arguments: {} } };
}
