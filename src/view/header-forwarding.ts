import type { IncomingHttpHeaders } from 'node:http';
import { isForwardedByNameOnly, isNeverForwarded } from '../config/servers/forwardable.js';
import type { HttpUpstreamSettings } from '../config/upstream-settings.js';
import { matchesPattern } from '../config/name-patterns.js';
import type { FailedOutcome } from '../errors/failed-outcome.js';
import { type CallerCredentials, toCredentials } from '@app/mcp-transport';

/** Names of headers that callers send, and whether each is passed on: not more than these are remembered. */
const MAX_NAMES = 1_000;

/**
 * Tells which of a caller's headers go to one server. What the settings spell out wins over the server's own headers, what they mean by a
 * pattern does not; cookies, headers of the connection or of the message, and the gateway's own key never go.
 */
export class HeaderForwarding {
  private readonly judged = new Map<string, boolean>();

  constructor(private readonly settings: HttpUpstreamSettings) {}

  /** The headers to pass on; undefined if the caller sent none of them. A refusal for one that no request can carry. */
  of(headers: IncomingHttpHeaders, { keyIsOurs }: { readonly keyIsOurs: boolean }): CallerCredentials | FailedOutcome | undefined {
    const passed: [string, string][] = [];
    for (const name in headers) {
      const value = headers[name];
      if (typeof value !== 'string' || value === '' || !this.isPassedOn(name)) continue;
      if ((name === 'authorization' && keyIsOurs) || isOfConnection(name, headers.connection)) continue;
      if (ILLEGAL.test(value)) return illegalHeader(name);
      passed.push([name, value]);
    }
    return passed.length === 0 ? undefined : toCredentials(passed);
  }

  private isPassedOn(name: string): boolean {
    const known = this.judged.get(name);
    if (known !== undefined) return known;
    const isPassedOn = this.judge(name);
    if (this.judged.size < MAX_NAMES) this.judged.set(name, isPassedOn);
    return isPassedOn;
  }

  private judge(name: string): boolean {
    const { forwardHeaders, withheldHeaders, headers } = this.settings;
    if (!NAME.test(name) || isNeverForwarded(name) || withheldHeaders.some((pattern) => matchesPattern(name, pattern))) return false;
    if (forwardHeaders.includes(name)) return true;
    if (isForwardedByNameOnly(name) || Object.hasOwn(headers, name)) return false;
    return forwardHeaders.some((pattern) => matchesPattern(name, pattern));
  }
}

function illegalHeader(name: string): FailedOutcome {
  const message = `The header ${name} must not hold control characters.`;
  return { kind: 'rejected', type: 'validation_error', message, details: { header: name } };
}

/** A token (RFC 9110 5.6.2), in lower case: of what is none no request can be made. */
const NAME = /^[a-z\d!#$%&'*+.^_`|~-]+$/;

/** Anything but tab, visible ASCII, space and Latin-1 (RFC 9110 5.5). */
const ILLEGAL = /[^\t\x20-\x7e\x80-\xff]/;

/** `Connection` names further headers that end at the gateway (RFC 9110 7.6.1). */
function isOfConnection(name: string, connection: string | undefined): boolean {
  return connection !== undefined && connection.split(',').some((option) => option.trim().toLowerCase() === name);
}
