import { causeOf, isConnectionGone, isNetworkError } from './network-error.js';

const coded = (code: string, message = code, cause?: unknown) => Object.assign(new Error(message, { cause }), { code });

describe('[E2] isNetworkError', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s is one, also as the cause of another',
    (code) => {
      expect(isNetworkError(coded(code))).toBe(true);
      expect(isNetworkError(coded('ERA_NEGOTIATION_FAILED', 'probe', new Error('outer', { cause: coded(code) })))).toBe(true);
    },
  );

  it.each<[string, unknown]>([
    ['an error without a code', new Error('no')],
    ['an answer of no use', coded('ERA_NEGOTIATION_FAILED')],
    ['a command that does not exist', coded('ENOENT')],
    ['no error at all', { code: 'ECONNRESET' }],
    ['nothing', undefined],
  ])('%s is none', (_, error) => expect(isNetworkError(error)).toBe(false));

  it('ends on causes that run in a circle', () => {
    const error = new Error('around');
    error.cause = error;
    expect(isNetworkError(error)).toBe(false);
    expect(causeOf(error)).toBe('around');
  });
});

describe('[AC5] isConnectionGone', () => {
  const answered = (status: number) => Object.assign(new Error('HTTP'), { status });

  it.each([404, 400])('is true for a session that the server answers with %d', (status) =>
    expect(isConnectionGone(answered(status))).toBe(true),
  );
  it.each([401, 403, 429, 500, 503])('is false for %d', (status) => expect(isConnectionGone(answered(status))).toBe(false));
  it('is true for faults of the network', () => expect(isConnectionGone(coded('ECONNRESET'))).toBe(true));
});

describe('causeOf', () => {
  it.each<[string, unknown, string]>([
    ['the innermost cause', new Error('outer', { cause: new Error('middle', { cause: new Error('inner') }) }), 'inner'],
    [
      'the first of several addresses',
      coded('E', 'outer', new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('other')])),
      'connect ECONNREFUSED ::1',
    ],
    ['what is no error', 'just text', 'just text'],
    ['nothing', undefined, 'undefined'],
  ])('is the message of %s', (_, error, message) => expect(causeOf(error)).toBe(message));
});
