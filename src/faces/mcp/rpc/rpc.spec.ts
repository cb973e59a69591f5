import { kindOf } from './rpc.js';

describe('[AC1] ids of JSON-RPC messages', () => {
  const request = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'ping' });

  it.each(['', 'a', 0, -1, Number.MAX_SAFE_INTEGER])('are texts, and integers that come back as they were: %p', (id) => {
    expect(kindOf(request(id))).toBe('request');
    expect(kindOf({ jsonrpc: '2.0', id, result: {} })).toBe('answer');
  });

  it.each([1.5, 2 ** 53, 1e400, null, true, {}, []])('are nothing else: %p', (id) => {
    expect(kindOf(request(id))).toBeUndefined();
    expect(kindOf({ jsonrpc: '2.0', id, result: {} })).toBeUndefined();
  });

  it('come with params that are an object, or none', () => {
    expect([undefined, null, {}].map((params) => kindOf({ ...request(1), params }))).toEqual(['request', 'request', 'request']);
    expect([[], 'a', 1].map((params) => kindOf({ ...request(1), params }))).toEqual([undefined, undefined, undefined]);
  });
});
