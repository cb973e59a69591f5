import http from 'node:http';

// For `node --import`: HTTP servers cut slow clients off ten times as soon as they were told, and stderr tells what that was.

const { createServer } = http;

http.createServer = (options, listener) => {
  // Nest makes one that is never listened to.
  if (options.headersTimeout === undefined) return createServer(options, listener);
  const { headersTimeout, requestTimeout } = options;
  process.stderr.write(`${JSON.stringify({ headersTimeout, requestTimeout })}\n`);
  return createServer({ ...options, headersTimeout: headersTimeout / 10, requestTimeout: requestTimeout / 10 }, listener);
};
