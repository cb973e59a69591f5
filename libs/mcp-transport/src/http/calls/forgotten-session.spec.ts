import { saysForgotten } from './forgotten-session.js';

describe('saysForgotten', () => {
  it.each([
    'Session not found',
    'Unauthorized: Session not found',
    'Session terminated',
    'Not Found: Session has been terminated',
    'Invalid session ID',
    'Invalid or expired session',
    'Unknown sessionId: 7',
    'session_id is invalid',
    'Session does not exist',
    'Bad Request: Unknown Mcp-Session-Id header',
    'Bad Request: Server not initialized',
    'Unexpected message, expect initialize request',
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}',
    '{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"Session not found"}}',
  ])('[AC5] takes it from "%s"', (text) => {
    expect(saysForgotten(text)).toBe(true);
  });

  it.each([
    '',
    'Bad Request',
    'Invalid params: title is required',
    'The session is busy.',
    'Invalid title. The session goes on.',
    'Your obsession was not found',
    `Session not found${'.'.repeat(4_000)}`,
  ])('[AC5] takes it not from "%s"', (text) => {
    expect(saysForgotten(text)).toBe(false);
  });

  it('[AC5] is quick with a text that nearly says so', () => {
    const before = process.cpuUsage().user;
    expect(saysForgotten('invalid session '.repeat(250).replaceAll('session', 'sessio'))).toBe(false);
    expect(process.cpuUsage().user - before).toBeLessThan(500_000);
  });
});
