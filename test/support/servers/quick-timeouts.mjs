import http from 'node:http';

// For `node --import`: HTTP servers cut slow clients off ten times as soon as they were told, and stderr tells what that was.

const { createServer } = http;

http.createServer = ({ headersTimeout, requestTimeout, ...options }, listener) => {
  process.stderr.write(`${JSON.stringify({ headersTimeout, requestTimeout })}\n`);
  return createServer({ ...options, headersTimeout: headersTimeout / 10, requestTimeout: requestTimeout / 10 }, listener);
};
