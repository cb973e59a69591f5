import { boundedFormats } from './formats.js';

const isOf = (format: string, text: string): unknown => (boundedFormats[format] as (text: string) => boolean)(text);

describe('[S4] formats', () => {
  it.each([
    ['duration', ['P3DT4H', 'PT1.5S', 'PT0,5H', 'P1Y2M3DT4H5M6.5S', 'P1W', 'P1W2D', '-P1D', 'p1d', '00:30:00', '1 day, 00:00:00.5']],
    ['date', ['2024-02-29', '2025-10-15T00:00:00', '2025-10-15T00:00:00.000Z']],
    ['date-time', ['2025-10-15T09:30', '2025-10-15 09:30:00.123456', '2025-10-15T09:30:00+02', '2025-12-31t23:59:60z']],
    ['email', ['a@b.c', 'root@localhost', '"a b"@example.com', 'a@[127.0.0.1]', 'a@[IPv6:::1]', 'zoë@bücher.example']],
    ['hostname', ['localhost', 'a.example.', 'my_service', '_dmarc.example.com', 'münchen.example']],
    ['uri', ['urn:isbn:1', 'http://a/b?x[]=1', 'http://a/{id}', 'http://a/b|c', 'mailto:a@b.c', 'https://example.com/a b']],
    ['url', ['http://localhost:3000/x', 'http://192.168.1.1/', 'https://example.com/ü']],
    ['uri-reference', ['../x', '/a b', '?q={x}', '#ä']],
    ['ipv6', ['::1', 'fe80::1%eth0', '::ffff:1.2.3.4']],
    ['byte', ['aGVsbG8=', 'aGVsbG8', 'a-_w', 'aGVs\r\nbG8=', '']],
    ['regex', ['^a$', '(?P<year>\\d+)\\Z', 'a++', '[[:alpha:]]']],
  ])('%s takes what servers parse', (format, texts) => {
    for (const text of texts) expect([text, isOf(format, text)]).toEqual([text, true]);
  });

  it.each([
    ['duration', ['', 'P', 'PT', 'P1', '1 day', 'PT1.S', 'soon', 'P-1D']],
    ['date', ['2025-02-30', '15.10.2025', '2025-10-15T09:30:00', '2025-10-15x']],
    ['date-time', ['2025-10-15', '2025-02-30T09:30', '2025-10-15T', '2025-10-15T25:00', 'next Friday', '2025-10-15x09:30']],
    ['email', ['', 'a', 'a@', '@b', 'a b@c.d', 'a@b@c', 'a@b c', '"a@b']],
    ['hostname', ['', 'a b', 'a..b', '-a', 'http://a']],
    ['uri', ['', 'Zürich', 'https://a b', 'http://[', '//host/path']],
    ['ipv6', ['1.2.3.4', ':::', 'fe80::1%']],
    ['byte', ['%', 'a===', '=a']],
  ])('%s refuses what is surely none', (format, texts) => {
    for (const text of texts) expect([text, isOf(format, text)]).toEqual([text, false]);
  });

  it.each(['email', 'byte', 'duration', 'uri', 'hostname', 'date-time'])('%s judges long texts in time that grows with them', (format) => {
    for (const piece of ['1', ' ', 'a@', '"\\', 'P1D', '=', 'http://[', '1:00'])
      for (const end of ['', '%', '\n!']) {
        const started = process.cpuUsage();
        isOf(format, `${piece.repeat(4_000)}`.slice(0, 4_090) + end);
        expect(process.cpuUsage(started).user).toBeLessThan(500_000);
      }
  });
});
