import { type McpTool, perTool } from '@app/mcp-openapi';
import { matchesPattern } from '../../config/name-patterns.js';
import type { ToolSettings } from '../../config/upstream-settings.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { traitsOf } from '../tool-traits.js';

/**
 * What becomes of a tool's results: `kept` stand for others until they are old, `fallback` only while their server is away, `none` are
 * nobody else's; a call of such a tool may change what others would answer.
 */
export type CacheRule = { readonly kind: 'kept'; readonly ttlMs: number } | { readonly kind: 'fallback' } | { readonly kind: 'none' };

/** By the operator's word, else by its server's where that is trusted; the same object for the same tool. */
export const cacheRuleOf = perTool<McpTool, CacheRule, [Upstream]>((tool, upstream) => {
  const ttls = upstream.settings.cachedTools.filter(({ pattern }) => matchesPattern(tool.name, pattern)).map(({ ttlMs }) => ttlMs);
  if (ttls.length > 0) return { kind: 'kept', ttlMs: Math.min(...ttls) };
  return traitsOf(tool, upstream).mayCache ? FALLBACK : NONE;
});

/** Whether a server may have any results that are kept. */
export function keepsResults({ cachedTools, trustAnnotations }: ToolSettings): boolean {
  return cachedTools.length > 0 || trustAnnotations;
}

const FALLBACK: CacheRule = { kind: 'fallback' };
const NONE: CacheRule = { kind: 'none' };
