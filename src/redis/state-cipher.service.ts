import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** In front of what is sealed, so that another form can follow one day. */
const VERSION = 'v1.';

interface Keys {
  readonly sealing: Buffer;
  readonly naming: Buffer;
}

/**
 * Encrypts what replicas share of callers' data (AES-256-GCM), and makes the names under which it is kept, which say nothing of what they
 * stand for. Without STATE_ENCRYPTION_KEY it does nothing: such data stays in memory.
 */
@Injectable()
export class StateCipher {
  private readonly keys: Keys | undefined;

  constructor(@Inject(SETTINGS) { stateEncryptionKey }: Pick<Settings, 'stateEncryptionKey'>) {
    if (stateEncryptionKey === undefined) return;
    const keyFor = (what: string) => Buffer.from(hkdfSync('sha256', stateEncryptionKey, 'mcpo-proxy', what, KEY_BYTES));
    this.keys = { sealing: keyFor('seal'), naming: keyFor('name') };
  }

  get hasKey(): boolean {
    return this.keys !== undefined;
  }

  /** A name that is the same on every replica with this key, and that nobody can guess without it. */
  nameOf(...parts: readonly string[]): string {
    return createHmac('sha256', this.required().naming).update(JSON.stringify(parts)).digest('base64url');
  }

  /** Encrypted so that it can be opened under this name alone. */
  seal(text: string, name: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.required().sealing, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name));
    return VERSION + Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }

  /** Undefined for what was not sealed with this key under this name. */
  open(sealed: unknown, name: string): string | undefined {
    if (typeof sealed !== 'string' || !sealed.startsWith(VERSION)) return undefined;
    const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const end = bytes.length - TAG_BYTES;
    try {
      const decipher = createDecipheriv(CIPHER, this.required().sealing, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(name))
        .setAuthTag(bytes.subarray(end));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  private required(): Keys {
    if (!this.keys) throw new Error('There is no STATE_ENCRYPTION_KEY.');
    return this.keys;
  }
}
