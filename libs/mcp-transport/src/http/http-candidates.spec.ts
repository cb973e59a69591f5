import { httpCandidates } from './http-candidates.js';

describe('[AC5] httpCandidates', () => {
  const look = (url: string, transport: 'auto' | 'streamable-http' | 'sse') =>
    httpCandidates({ url: new URL(url), transport }).map((candidate) => `${candidate.transport} ${candidate.url.href}`);

  it.each([
    ['auto', 'http://a/x?k=1', ['streamable-http http://a/x?k=1', 'sse http://a/x?k=1']],
    ['auto', 'http://a', ['streamable-http http://a/', 'streamable-http http://a/mcp', 'sse http://a/sse', 'sse http://a/']],
    ['streamable-http', 'http://a/?k=1', ['streamable-http http://a/?k=1', 'streamable-http http://a/mcp?k=1']],
    ['sse', 'http://a', ['sse http://a/sse', 'sse http://a/']],
    ['sse', 'http://a/events', ['sse http://a/events']],
  ] as const)('looks %s at %s', (transport, url, expected) => {
    expect(look(url, transport)).toEqual(expected);
  });
});
