import { isExempt, isOfThisMachine } from './no-proxy.js';

describe('[ENV] NO_PROXY', () => {
  it.each([
    ['http://a.corp.example/', 'corp.example', true],
    ['http://corp.example/', 'corp.example', true],
    ['http://corp.example/', '.corp.example', true],
    ['http://corp.example/', '*.corp.example', false],
    ['http://a.corp.example./', 'CORP.example', true],
    ['http://notcorp.example/', 'corp.example', false],
    ['http://a.example/', 'b.example, a.example', true],
    ['http://a.example/', 'b.example a.example', true],
    ['http://a.example:81/', 'a.example:81', true],
    ['http://a.example/', 'a.example:81', false],
    ['https://a.example/', 'a.example:443', true],
    ['http://a.example/', '*', true],
    ['http://a.example/', '*:81', false],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://10.1.2.3/', '10.0.0.0/99', false],
    ['http://10.1.2.3/', '10.1.2.3', true],
    ['http://[fd00::1]/', 'fd00::1', true],
    ['http://[fd00::1]:80/', '[fd00::1]:80', true],
    ['http://[fd00::1]/', '[fd00::1]:81', false],
    ['http://[fd00::1]/', 'fd00::/8', true],
    ['http://a.example/', ' , ,', false],
    ['http://a.example/', '', false],
  ])('%s with %j: %s', (url, list, isOne) => {
    expect(isExempt(new URL(url), list)).toBe(isOne);
  });

  it('holds for this machine in any case', () => {
    for (const host of ['localhost', 'a.localhost', 'LOCALHOST.', '127.0.0.1', '127.9.9.9', '[::1]'])
      expect([host, isOfThisMachine(new URL(`http://${host}/`))]).toEqual([host, true]);
    for (const host of ['localhost.example', '128.0.0.1', '[::2]', 'host.docker.internal'])
      expect([host, isOfThisMachine(new URL(`http://${host}/`))]).toEqual([host, false]);
  });
});
