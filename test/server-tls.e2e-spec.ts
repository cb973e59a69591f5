import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runGateway } from './support/gateway-run.js';
import { ROOT, startGateway } from './support/processes.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const at = (name: string) => path.join(ROOT, 'test/data/tls', name);
const CERT = at('server.crt');
const KEY = at('server.key');
const OTHER_RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const ENCRYPTED = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'secret',
});
const NO_PEM = '--ssl-certfile, --ssl-keyfile: must be a PEM certificate and its PEM key without a passphrase';
const NO_PAIR = '--ssl-keyfile: is not the key of the certificate in --ssl-certfile';

describe('[ENV] a certificate and a key', () => {
  const folder = temporaryFolder();

  /** What is said at the start of a gateway with these texts; null where it starts. */
  const refusal = (cert: string, key: string): string | null => {
    const where = folder();
    const [certFile, keyFile] = [path.join(where, 'a.crt'), path.join(where, 'a.key')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const { status, stdout, stderr } = runGateway(['-p', '0', '-t', certFile, '-K', keyFile, '--', 'cat'], {}, where);
    expect([status, stdout]).toEqual([1, '']);
    return stderr;
  };
  const read = (file: string) => readFileSync(file, 'utf8');

  it.each([
    ['an empty certificate', '', read(KEY), NO_PEM],
    ['a certificate that is a key', read(KEY), read(KEY), NO_PEM],
    ['a key that is a certificate', read(CERT), read(CERT), NO_PEM],
    ['an empty key', read(CERT), '', NO_PEM],
    ['a key with a passphrase', read(CERT), String(ENCRYPTED), NO_PEM],
    ['the key of another certificate', read(CERT), String(OTHER_RSA), NO_PAIR],
    ['a key of another kind', read(CERT), String(EC), NO_PAIR],
    [
      'a pair that no client takes',
      read(at('secp256k1.crt')),
      read(at('secp256k1.key')),
      '--ssl-certfile, --ssl-keyfile: no client can connect with these (ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM)',
    ],
  ])('that cannot serve end the start with the true sentence: %s', (_, cert, key, sentence) => {
    expect(refusal(cert, key)).toBe(`${sentence}\n`);
  });

  it('that serve may come in one file, the key first, and with other certificates behind', async () => {
    const both = path.join(folder(), 'both.pem');
    writeFileSync(both, `${read(KEY)}${read(CERT)}${read(at('secp256k1.crt'))}`);
    const gateway = await startGateway({ args: ['-t', both, '-K', both, '--', 'cat'] });
    expect(gateway.url).toMatch(/^https:/);
    expect(await gateway.stop()).toBe(0);
  });
});

describe('[P4] an end while TLS handshakes are under way', () => {
  it('is as soon as with plain sockets', async () => {
    const gateway = await startGateway({ args: ['-t', CERT, '-K', KEY, '--', 'cat'] });
    const connected: net.Socket[] = [];
    // Nothing at all, and the beginning of a ClientHello.
    for (const sent of ['', '\u0016\u0003\u0001\u0002']) {
      const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
      connected.push(socket);
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
      socket.write(sent, 'latin1');
    }
    // What was connected after them is taken: so they are.
    await until('the gateway answers', () => fetchLive(gateway.url));
    const stopped = gateway.stop();
    try {
      expect(await Promise.race([stopped, sleep(8_000, 'still there', { ref: false })])).toBe(0);
      expect(gateway.stdout.filter((line) => line.includes('something did not let go'))).toEqual([]);
    } finally {
      connected.forEach((socket) => socket.destroy());
      await stopped;
    }
  });
});

/** Whether it is there, over TLS. */
async function fetchLive(url: string): Promise<boolean> {
  const { get } = await import('node:https');
  return new Promise((resolve) => {
    get(`${url}/health/live`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
    }).on('error', () => resolve(false));
  });
}
