import { authenticate } from './client-authentication.js';

/** An id and a secret that say something else, or nothing, where they are not encoded. */
const CLIENT = { client_id: 'us: 50 %', client_secret: 'a+b c%2F&=:é' };

const sent = (client: Parameters<typeof authenticate>[0], methods: readonly string[]) => {
  const [headers, params] = [new Headers(), new URLSearchParams()];
  authenticate(client, methods, headers, params);
  return { headers: Object.fromEntries(headers), form: Object.fromEntries(params) };
};

describe('[AC8] how a client says who it is', () => {
  it.each([
    ['nothing is said of it', []],
    ['it may choose', ['client_secret_post', 'client_secret_basic']],
  ])('is form-encoded in HTTP Basic, where %s', (_, methods) => {
    const { headers, form } = sent(CLIENT, methods);
    const [, base64 = ''] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? [];
    expect(atob(base64)).toBe('us%3A+50+%25:a%2Bb+c%252F%26%3D%3A%C3%A9');
    expect(form).toEqual({});
  });

  it('is in the form where that alone is taken, and for clients without a secret', () => {
    expect(sent(CLIENT, ['client_secret_post'])).toEqual({ headers: {}, form: CLIENT });
    expect(sent({ client_id: 'us' }, [])).toEqual({ headers: {}, form: { client_id: 'us' } });
    expect(sent({ ...CLIENT, token_endpoint_auth_method: 'none' } as typeof CLIENT, [])).toEqual({
      headers: {},
      form: { client_id: 'us: 50 %' },
    });
  });
});
