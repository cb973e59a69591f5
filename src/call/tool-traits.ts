import { isJsonObject, type McpTool } from '@app/mcp-openapi';
import type { ToolSettings } from '../config/upstream-settings.js';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';

/** What is known of a tool besides its schema, by its operator's word, or by its server's where that is trusted. */
export interface ToolTraits {
  /** Running it twice does no harm: it may be sent again when nobody knows whether it ran. */
  readonly mayRepeat: boolean;
  /** It changes nothing: its last result may stand in for another. */
  readonly mayCache: boolean;
}

const known = new WeakMap<McpTool, ToolTraits>();

/** The same object for the same tool; nothing is known of the gateway's own. */
export function traitsOf({ tool, upstream }: CatalogEntry): ToolTraits {
  let traits = known.get(tool);
  if (!traits) known.set(tool, (traits = upstream ? judge(tool, upstream.settings) : UNKNOWN));
  return traits;
}

const UNKNOWN: ToolTraits = { mayRepeat: false, mayCache: false };

function judge({ name, annotations }: McpTool, { idempotentTools, trustAnnotations }: ToolSettings): ToolTraits {
  const said = trustAnnotations && isJsonObject(annotations) ? annotations : {};
  const mayCache = said.readOnlyHint === true;
  return { mayRepeat: mayCache || said.idempotentHint === true || idempotentTools.includes(name), mayCache };
}
