import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSettings } from '../config/upstream-settings.js';

/** Do both say the same, in whatever order? */
export function isSameSettings(one: UpstreamSettings, other: UpstreamSettings): boolean {
  return isDeepStrictEqual(toPlain(one), toPlain(other));
}

/** A URL becomes its text. */
function toPlain(settings: UpstreamSettings): unknown {
  return JSON.parse(JSON.stringify(settings));
}
