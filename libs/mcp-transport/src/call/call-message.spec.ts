import { callMessage, cancelMessage, newCallId } from './call-message.js';

describe('[CALL] callMessage', () => {
  const args = '{"title":"Review quarterly reports","due_date":"2025-10-15","plan_id":"abc123"}';

  it('is the tools/call of the tool-call format', () => {
    const text = callMessage('req_7', { tool: 'create_task', args: { text: args }, correlationId: 'c-1' }, '');
    expect(JSON.parse(text)).toEqual({
      jsonrpc: '2.0',
      method: 'tools/call',
      params: {
        name: 'create_task',
        arguments: { title: 'Review quarterly reports', due_date: '2025-10-15', plan_id: 'abc123' },
        _meta: { progressToken: 'req_7', 'io.mcpo-proxy/correlation-id': 'c-1' },
      },
      id: 'req_7',
    });
  });

  it('holds the arguments as they were written', () => {
    const written = '{ "id": 12345678901234567890, "rate": 1.0, "far": 1e400, "b": null, "a": "\\u00e4" }';
    expect(callMessage('req_7', { tool: 't', args: { text: written }, correlationId: 'c' }, '')).toContain(`"arguments":${written},`);
  });

  it('escapes the name, whatever it holds', () => {
    const text = callMessage('req_7', { tool: 'a"b\\c\n/ü', args: { text: '{}' }, correlationId: 'c' }, '');
    expect(JSON.parse(text)).toMatchObject({ params: { name: 'a"b\\c\n/ü' } });
  });

  it('says in _meta to which trace it belongs', () => {
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'v="1\\\\"' };
    const text = callMessage('req_7', { tool: 't', args: { text: '{}' }, correlationId: 'c', trace }, '"v":1');
    expect(JSON.parse(text)).toMatchObject({ params: { _meta: { 'io.mcpo-proxy/correlation-id': 'c', ...trace, v: 1 } } });
  });

  it('puts the envelope of the newer revision into _meta', () => {
    const text = callMessage('req_7', { tool: 't', args: { text: '{}' }, correlationId: 'c' }, '"v":"2026-07-28","n":{}');
    expect(JSON.parse(text)).toMatchObject({
      params: { _meta: { progressToken: 'req_7', 'io.mcpo-proxy/correlation-id': 'c', v: '2026-07-28', n: {} } },
    });
  });
});

describe('[CALL] newCallId', () => {
  it('is a text that no other call has', () => {
    const ids = Array.from({ length: 100 }, newCallId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^req_\d+$/);
  });
});

describe('[E2] cancelMessage', () => {
  it('names the request and the reason', () => {
    expect(JSON.parse(cancelMessage('req_7', 'The "caller" left.'))).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'req_7', reason: 'The "caller" left.' },
    });
  });
});
