import { isJsonObject, type McpTool, perTool } from '@app/mcp-openapi';
import type { ToolSettings } from '../config/upstream-settings.js';
import type { Upstream } from '../mcp-client/upstream.js';

/** What is known of a tool besides its schema, by its operator's word, or by its server's where that is trusted. */
export interface ToolTraits {
  /** Running it twice does no harm: it may be sent again when nobody knows whether it ran. */
  readonly mayRepeat: boolean;
  /** It changes nothing: its last result may stand in for another. */
  readonly mayCache: boolean;
}

/** The same object for the same tool; nothing is known of the gateway's own. */
export const traitsOf = perTool<McpTool, ToolTraits, [Upstream | undefined]>((tool, upstream) =>
  upstream ? judge(tool, upstream.settings) : UNKNOWN,
);

const UNKNOWN: ToolTraits = { mayRepeat: false, mayCache: false };

function judge({ name, annotations }: McpTool, { idempotentTools, trustAnnotations }: ToolSettings): ToolTraits {
  const said = trustAnnotations && isJsonObject(annotations) ? annotations : {};
  const mayCache = said.readOnlyHint === true;
  return { mayRepeat: mayCache || said.idempotentHint === true || idempotentTools.includes(name), mayCache };
}
