import { readTraceContext, traceIdOf } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const LEGAL = `00-${TRACE}-${SPAN}-01`;

describe('[AC6] the trace context of a caller', () => {
  it('is read, and its trace is known', () => {
    expect(readTraceContext(LEGAL, undefined)).toEqual({ traceparent: LEGAL });
    expect(readTraceContext(LEGAL, 'a=1,b=2')).toEqual({ traceparent: LEGAL, tracestate: 'a=1,b=2' });
    expect(traceIdOf({ traceparent: LEGAL })).toBe(TRACE);
  });

  it('is read of later versions as far as it is known here', () => {
    expect(readTraceContext(`01-${TRACE}-${SPAN}-03-"more`, undefined)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-03` });
    expect(readTraceContext(`cc-${TRACE}-${SPAN}-00`, undefined)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-00` });
  });

  it.each([
    ['nothing', undefined],
    ['no text', 1],
    ['two of them', `${LEGAL}, ${LEGAL}`],
    ['a version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['more than its version has', `${LEGAL}-00`],
    ['later versions without a dash', `01-${TRACE}-${SPAN}-01x`],
    ['a trace of nothing', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of nothing', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', LEGAL.toUpperCase()],
    ['a line break', `${LEGAL}\n`],
    ['text around it', ` ${LEGAL}`],
  ])('is none where it is %s', (_what, traceparent) => {
    expect(readTraceContext(traceparent, 'a=1')).toBeUndefined();
  });

  it.each([
    ['empty', ''],
    ['longer than 512', 'a'.repeat(513)],
    ['with control characters', 'a=1\n'],
    ['no text', ['a=1']],
  ])('goes without a state that is %s', (_what, tracestate) => {
    expect(readTraceContext(LEGAL, tracestate)).toEqual({ traceparent: LEGAL });
  });
});
