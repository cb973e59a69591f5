import type { Problem } from './problem.js';
import { problemsToOutcome } from './problems-to-outcome.js';
import { rpcErrorToOutcome } from './rpc-error-to-outcome.js';

const listed = { toolStillListed: true };
const gone = { toolStillListed: false };
const REFUSED = 'The MCP server refused the call without a message.';

/** The details of problems, the first of them in front. */
const told = (...problems: Problem[]) => ({ ...(problems[0] as Problem), problems });

describe('rpcErrorToOutcome', () => {
  it('[AC3] [E5] gives -32602 with a field the words of the requirement', () => {
    const error = { code: -32602, message: 'Invalid params', data: { field: 'title', issue: 'required' } };
    expect(rpcErrorToOutcome(error, listed)).toEqual({
      kind: 'rejected',
      type: 'validation_error',
      message: 'Invalid params: title is required',
      details: told({ field: 'title', issue: 'required' }),
    });
  });

  it.each([
    [
      'MCP error -32602: Invalid params',
      { field: 'plan_id', issue: 'unknown plan' },
      'Invalid params: plan_id: unknown plan',
      told({ field: 'plan_id', issue: 'unknown plan' }),
    ],
    ['title must not be empty', { field: 'title', issue: 'empty' }, 'title must not be empty', told({ field: 'title', issue: 'empty' })],
    ['Invalid params', ['title'], 'Invalid params', { data: ['title'], ...told({ field: 'arguments', issue: 'Invalid params' }) }],
    ['Invalid params', null, 'Invalid params', told({ field: 'arguments', issue: 'Invalid params' })],
    ['', undefined, REFUSED, told({ field: 'arguments', issue: REFUSED })],
    [
      'Invalid params',
      { errors: [{ loc: ['params', 'arguments', 'a', 0], msg: 'no' }, { path: [], message: 'odd' }, 5] },
      'Invalid params: a[0]: no; arguments: odd',
      { errors: expect.any(Array) as unknown[], ...told({ field: 'a[0]', issue: 'no' }, { field: 'arguments', issue: 'odd' }) },
    ],
    [
      'MCP error -32602: Invalid arguments for tool x: [\n  {"code":"custom","path":["due","on",0],"message":"in the past"}\n]',
      undefined,
      'Invalid arguments for tool x: [\n  {"code":"custom","path":["due","on",0],"message":"in the past"}\n]',
      told({ field: 'due.on[0]', issue: 'in the past' }),
    ],
    ['use one of [{"a"}]', undefined, 'use one of [{"a"}]', told({ field: 'arguments', issue: 'use one of [{"a"}]' })],
  ])('[AC3] -32602 %j with data %j says %j', (message, data, said, details) => {
    expect(rpcErrorToOutcome({ code: -32602, message, data }, listed)).toEqual({
      kind: 'rejected',
      type: 'validation_error',
      message: said,
      details,
    });
  });

  it('[AC3] takes -32602 for "not found" only when the refreshed list no longer has the tool', () => {
    const error = { code: -32602, message: 'MCP error -32602: Tool create_task not found' };
    expect(rpcErrorToOutcome(error, gone)).toEqual({ kind: 'rejected', type: 'tool_not_found', message: 'Tool create_task not found' });
    expect(rpcErrorToOutcome(error, listed)).toMatchObject({ type: 'validation_error' });
  });

  it('[AC3] takes -32601 for "not found"', () => {
    expect(rpcErrorToOutcome({ code: -32601, message: 'Method not found' }, listed)).toEqual({
      kind: 'rejected',
      type: 'tool_not_found',
      message: 'Method not found',
    });
  });

  it.each([-32700, -32600, -32603, -32002, 7])('[AC3] takes %d for a fault of the server, code and data kept', (code) => {
    expect(rpcErrorToOutcome({ code, message: 'MCP error -1: boom', data: { a: 1 } }, listed)).toEqual({
      kind: 'unavailable',
      type: 'upstream_error',
      message: 'boom',
      details: { code, data: { a: 1 } },
    });
  });

  it('[AC3] survives an error that is not one', () => {
    expect(rpcErrorToOutcome({ code: -32603, message: 5 as never }, gone)).toEqual({
      kind: 'unavailable',
      type: 'upstream_error',
      message: 'The MCP server refused the call without a message.',
      details: { code: -32603 },
    });
  });
});

describe('problemsToOutcome', () => {
  it('[E5] names the first problem and lists them all', () => {
    const problems = [
      { field: 'title', issue: 'required' },
      { field: 'priority', issue: 'must be one of low, high' },
    ];
    expect(problemsToOutcome(problems)).toEqual({
      kind: 'rejected',
      type: 'validation_error',
      message: 'Invalid params: title is required; priority: must be one of low, high',
      details: { field: 'title', issue: 'required', problems },
    });
  });
});
