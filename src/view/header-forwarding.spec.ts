import type { IncomingHttpHeaders } from 'node:http';
import type { CallerCredentials } from '@app/mcp-transport';
import { DEFAULT_CALLERS, type CallerSettings, type HttpUpstreamSettings } from '../config/upstream-settings.js';
import { HeaderForwarding } from './header-forwarding.js';

const given = (settings: Partial<CallerSettings & { headers: Record<string, string> }>, headers: IncomingHttpHeaders, keyIsOurs = false) =>
  new HeaderForwarding({ headers: {}, ...DEFAULT_CALLERS, ...settings } as HttpUpstreamSettings).of(headers, { keyIsOurs });
const passed = (...of: Parameters<typeof given>) => (given(...of) as CallerCredentials | undefined)?.headers;

describe('[S7] HeaderForwarding', () => {
  const MANY = { 'x-user': 'ann', 'x-team': 'red', 'x-team-id': '1', 'y-user': 'bob', 'x-empty': '' };

  it.each<[Partial<CallerSettings>, Record<string, string> | undefined]>([
    [{}, undefined],
    [{ forwardHeaders: ['x-nothing', 'x-empty'] }, undefined],
    [{ forwardHeaders: ['x-user'] }, { 'x-user': 'ann' }],
    [{ forwardHeaders: ['x-team*'] }, { 'x-team': 'red', 'x-team-id': '1' }],
    [{ forwardHeaders: ['*'], withheldHeaders: ['x-*'] }, { 'y-user': 'bob' }],
    [{ forwardHeaders: ['x-user', 'x-team'], withheldHeaders: ['x-user'] }, { 'x-team': 'red' }],
  ])('%j of many headers', (settings, expected) => {
    expect(passed(settings, MANY)).toEqual(expected);
  });

  const NEVER = [
    'cookie',
    'host',
    'connection',
    'keep-alive',
    'proxy-authorization',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'expect',
  ];
  const OURS = [
    'content-type',
    'content-length',
    'content-encoding',
    'accept',
    'mcp-session-id',
    'mcp-anything',
    'last-event-id',
    'x-correlation-id',
  ];

  it.each([...NEVER, ...OURS])('never passes %s on', (name) => {
    expect(passed({ forwardHeaders: ['*', name] }, { [name]: 'x' })).toBeUndefined();
  });

  it.each(['x-user\nx-admin', 'x user', 'x-user:', 'x-\u00fcser', 'X-User', ''])(
    'never passes on what is no name of a header: %j',
    (name) => {
      expect(passed({ forwardHeaders: ['*', name] }, { [name]: 'x', 'x-team': 'red' })).toEqual({ 'x-team': 'red' });
    },
  );

  it('never passes on what Connection names', () => {
    expect(passed({ forwardHeaders: ['x-*'] }, { connection: 'close, X-User', 'x-user': 'ann', 'x-team': 'red' })).toEqual({
      'x-team': 'red',
    });
  });

  it.each(['authorization', 'user-agent', 'x-forwarded-for', 'baggage', 'origin', 'x-openwebui-user-jwt'])(
    'passes %s on by its name, not by a pattern',
    (name) => {
      expect(passed({ forwardHeaders: ['*'] }, { [name]: 'value' })).toBeUndefined();
      expect(passed({ forwardHeaders: [name] }, { [name]: 'value' })).toEqual({ [name]: 'value' });
    },
  );

  it("never passes the gateway's own key on", () => {
    expect(passed({ forwardHeaders: ['authorization'] }, { authorization: 'Bearer key' }, true)).toBeUndefined();
  });

  it("lets a header that is named take the place of the server's own, and none that a pattern means", () => {
    const headers = { 'x-user': 'service' };
    expect(passed({ forwardHeaders: ['x-user'], headers }, { 'x-user': 'ann' })).toEqual({ 'x-user': 'ann' });
    expect(passed({ forwardHeaders: ['x-*'], headers }, { 'x-user': 'ann' })).toBeUndefined();
  });

  it.each(['a\r\nx-admin: 1', 'a\nb', 'a\0b', 'a\u0007b', 'a\u007fb', 'a\u0100b'])('refuses %j', (value) => {
    const message = 'The header x-user must not hold control characters.';
    const refusal = { kind: 'rejected', type: 'validation_error', message, details: { header: 'x-user' } };
    expect(given({ forwardHeaders: ['x-user'] }, { 'x-user': value })).toEqual(refusal);
    expect(passed({ forwardHeaders: ['x-team'] }, { 'x-user': value })).toBeUndefined();
  });

  it('finds the same credentials by the same digest, and others by others', () => {
    const forwarding = new HeaderForwarding({ headers: {}, ...DEFAULT_CALLERS, forwardHeaders: ['*'] } as unknown as HttpUpstreamSettings);
    const digestOf = (headers: IncomingHttpHeaders) => (forwarding.of(headers, { keyIsOurs: false }) as CallerCredentials).digest;
    expect(digestOf({ a: '1', b: '2' })).toBe(digestOf({ b: '2', a: '1' }));
    const others = [{ a: '1', b: '2' }, { a: '12' }, { a: '1' }, { a: '2', b: '1' }, { a: '1","b":"2' }];
    expect(new Set(others.map(digestOf)).size).toBe(others.length);
  });
});
