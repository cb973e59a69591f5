import { probesOf } from './probe-requests.js';

describe('the requests of probes', () => {
  const isProbe = (url: string, prefix = '', method = 'GET') => probesOf(prefix)({ method, originalUrl: url });

  it.each([
    '/health',
    '/health/',
    '/health/live',
    '/health/mcp',
    '/health/redis',
    '/health/openwebui/',
    '/ready',
    '/metrics',
    '/metrics?x',
    '/HEALTH',
    '/Health/Live',
    '/ready/?',
  ])('are those of health, readiness and metrics: %s', (url) => {
    expect([isProbe(url), isProbe(url, '/tools'), isProbe(`/tools${url}`, '/tools'), isProbe(url, '', 'HEAD')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([isProbe(`/tools${url}`), isProbe(`/tools${url}`, '/tool'), isProbe(url, '', 'POST')]).toEqual([false, false, false]);
  });

  it.each([
    '/',
    '/healthx',
    '/health/x',
    '/health/live/x',
    '/health/../v1/tools/x',
    '/health//live',
    '//health',
    '/health%2flive',
    '/%68ealth',
    '/health;x',
    '/metrics.json',
    '/ready/x',
    '/v1/tools/health',
    '/planner/metrics',
    '/v1/tools?/health',
    '/v1/tools#/health',
    'http://localhost/health',
    'health',
  ])('are no others: %s', (url) => {
    expect([isProbe(url), isProbe(url, '/tools'), isProbe(`/tools${url}`, '/tools')]).toEqual([false, false, false]);
  });
});
