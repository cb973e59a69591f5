/**
 * Exits 0 when the gateway answers 2xx within 2 seconds, else 1, and says on stderr what came instead. It reads HOST and PORT as the gateway
 * does, and takes any certificate; a whole URL may be of any server.
 *
 * node probe.mjs [/health/live | /ready | URL]
 */
import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 2_000;
/** Of an address at which it listens for others: the one by which it is reached from here. */
const LOOPBACKS = { '0.0.0.0': '127.0.0.1', '::': '[::1]', '::1': '[::1]' };

const [asked = '/health/live'] = process.argv.slice(2);
const { HOST = '127.0.0.1', PORT = '8001' } = process.env;
const place = `${LOOPBACKS[HOST] ?? HOST}:${PORT}${asked}`;
const urls = asked.startsWith('/') ? [`http://${place}`, `https://${place}`] : [asked];

const failures = [];
for (const url of urls) {
  const answer = await ask(url);
  if (answer >= 200 && answer < 300) process.exit(0);
  failures.push(`${url}: ${answer}`);
}
console.error(failures.join('\n'));
process.exit(1);

/** The status, or why there is none. */
function ask(url) {
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise((resolve) => {
    const request = get(url, { agent: false, rejectUnauthorized: false, timeout: TIMEOUT_MS }, (response) => resolve(response.statusCode));
    request.once('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    request.once('error', ({ message }) => resolve(message));
  });
}
