import { asksForEvents } from './asks-for-events.js';

describe('[AC4] a call asks for events', () => {
  it.each([
    'text/event-stream',
    'Text/Event-Stream; charset=utf-8',
    'text/event-stream, application/json',
    'application/json;q=0.9, text/event-stream',
    'text/event-stream, */*',
    '*/*, text/event-stream',
    'text/event-stream;q=0.1',
    'application/json;q=0, text/event-stream;q=0.1',
  ])('with Accept: %s', (accept) => {
    expect(asksForEvents(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json',
    'application/json, text/event-stream',
    'application/json, text/event-stream;q=0.9',
    'text/event-stream;q=0.5, */*',
    'text/event-stream;q=0.5, application/*',
    'text/event-stream;q=0',
    'text/event-stream;q=0, */*',
    'image/png, text/event-stream;q=0.1',
    'application/vnd.mcp+json, text/event-stream;q=0.9',
    'application/event-stream',
    'not-text/event-stream',
    'text/event-streams',
  ])('not with Accept: %s', (accept) => {
    expect(asksForEvents(accept)).toBe(false);
  });
});
