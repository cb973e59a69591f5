import { type IncomingMessage } from 'node:http';
import { isAllowedHost } from './host-check.js';

describe('isAllowedHost', () => {
  const allowed = ['localhost', '127.0.0.1', '::1', 'planner-mcp-server'];

  it.each([
    [{ host: '127.0.0.1:8000' }, true],
    [{ host: '[::1]:8000' }, true],
    [{ host: 'Planner-MCP-Server:8000' }, true],
    [{ host: 'localhost', origin: 'http://localhost:3000' }, true],
    [{ host: 'evil.example:8000' }, false],
    [{ host: 'localhost.evil.example' }, false],
    [{ host: 'localhost', origin: 'https://evil.example' }, false],
    [{ host: 'localhost', origin: 'null' }, false],
    [{}, false],
  ])('%j: %s', (headers, expected) => {
    expect(isAllowedHost({ headers } as IncomingMessage, allowed)).toBe(expected);
  });

  it('lets any name in when no list is given', () => {
    expect(isAllowedHost({ headers: { host: 'evil.example' } } as IncomingMessage, undefined)).toBe(true);
  });
});
