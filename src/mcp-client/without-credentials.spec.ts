import type { HttpUpstreamSettings, StdioUpstreamSettings } from '../config/upstream-settings.js';
import { jsonWithoutCredentials, withoutCredentials } from './without-credentials.js';

describe('withoutCredentials', () => {
  const url = new URL('https://host/mcp?api_key=in%20the%20url');
  const http = { kind: 'http', url, headers: { authorization: 'Bearer canary-1', 'x-lang': 'en' } } as unknown as HttpUpstreamSettings;
  const stdio = {
    kind: 'stdio',
    env: { PATH: '/usr/bin', API_TOKEN: 'canary-2', HTTPS_PROXY: 'http://user:canary%2D3@proxy:3128' },
    args: ['--verbose', '--api-key', 'canary-4', '--token=canary-5', 'postgres://me:canary-6@db/x'],
  } as unknown as StdioUpstreamSettings;

  it.each([
    ['the token Bearer canary-1 is wrong', 'the token [hidden] is wrong', http],
    ['canary-1 canary-1 en', '[hidden] [hidden] en', http],
    ['GET /mcp?api_key=in%20the%20url', 'GET /mcp?[hidden]', http],
    ['no "in the url"', 'no "[hidden]"', http],
    ['/usr/bin/x: canary-2', '/usr/bin/x: [hidden]', stdio],
    ['user:canary%2D3@proxy, canary-3', 'user:[hidden]@proxy, [hidden]', stdio],
    ['--api-key canary-4 --token=canary-5 --verbose', '--api-key [hidden] --token=[hidden] --verbose', stdio],
    ['no postgres://me:canary-6@db/x', 'no postgres://me:[hidden]@db/x', stdio],
    ['connect ECONNREFUSED 127.0.0.1:9', 'connect ECONNREFUSED 127.0.0.1:9', http],
  ])('[S6] %s', (error, expected, settings) => {
    expect(withoutCredentials(error, settings)).toBe(expected);
  });
});

describe('jsonWithoutCredentials', () => {
  const settings = {
    kind: 'http',
    url: new URL('https://host/mcp'),
    headers: { 'x-key': 'a "quoted" secret' },
  } as unknown as HttpUpstreamSettings;

  it('[S6] takes secrets out of every text, also out of JSON in a text, which stays JSON', () => {
    const said = { message: 'a "quoted" secret, canary-9', data: [{ text: JSON.stringify({ key: 'a "quoted" secret' }) }, 12345, null] };
    const clean = { message: '[hidden], [hidden]', data: [{ text: '{"key":"[hidden]"}' }, 12345, null] };
    expect(jsonWithoutCredentials(said, settings, ['canary-9'])).toEqual(clean);
  });

  it('gives what holds none as it is', () => {
    const said = { message: 'no' };
    expect(jsonWithoutCredentials(said, settings)).toBe(said);
  });
});
