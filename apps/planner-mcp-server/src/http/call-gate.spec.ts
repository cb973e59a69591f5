import { CallGate } from './call-gate.js';

describe('CallGate', () => {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_plans' } };
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

  it('asks for the token before it counts', () => {
    const gate = new CallGate({ rateLimit: 1, isTokenRequired: true });
    expect(gate.refusal(call, {})?.status).toBe(401);
    expect(gate.refusal(call, { 'x-teams-auth-token': '' })?.status).toBe(401);
    expect(gate.refusal(call, { 'x-teams-auth-token': 't' })).toBeUndefined();
    expect(gate.refusal(call, { 'x-teams-auth-token': 't' })?.status).toBe(429);
  });

  it('counts each call of a batch, and nothing but calls', () => {
    const gate = new CallGate({ rateLimit: 2, isTokenRequired: false });
    expect(gate.refusal([list, null, 7], {})).toBeUndefined();
    expect(gate.refusal([call, call, call], {})?.status).toBe(429);
    expect(gate.refusal([call, list, call], {})).toBeUndefined();
    expect(gate.refusal(call, {})).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect(gate.refusal(list, {})).toBeUndefined();
  });
});
