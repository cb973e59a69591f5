import { isJsonObject, type McpTool, perTool } from '@app/mcp-openapi';
import { kindOfVerb, saysDestruction } from '../sentence/lexicon.js';
import { nameStems, nameWords } from '../sentence/read-words.js';
import { type Slot, slotsOf } from '../values/slots.js';

/** What a tool is called and takes, as sentences are compared with it. Text of servers is only ever compared. */
export interface ToolProfile {
  /** The words of its name as they are written, in lower case, and their stems. */
  readonly words: readonly string[];
  readonly stems: readonly string[];
  /** The word of its name that says what it does. */
  readonly verb: string | undefined;
  readonly titleStems: ReadonlySet<string>;
  readonly descriptionStems: ReadonlySet<string>;
  readonly isDeprecated: boolean;
  readonly slots: readonly Slot[];
}

const MAX_DESCRIPTION = 400;

/** Made once for each tool. */
export const profileOf = perTool<McpTool, ToolProfile>((tool) => {
  const title = titleOf(tool);
  const description = descriptionOf(tool).slice(0, MAX_DESCRIPTION);
  const stems = nameStems(tool.name);
  return {
    words: nameWords(tool.name),
    stems,
    verb: stems.find((stem) => kindOfVerb(stem) !== undefined) ?? (stems.length > 1 ? stems[0] : undefined),
    titleStems: new Set(nameStems(title).filter((stem) => stem !== 'tool' && !stems.includes(stem))),
    descriptionStems: new Set(nameStems(description)),
    isDeprecated: /\bdeprecated\b/i.test(`${title} ${description}`),
    slots: slotsOf(tool.inputSchema),
  };
});

/** Where MCP allows a title: at the tool, or in its annotations. */
export function titleOf({ title, annotations }: McpTool): string {
  const said = title ?? (isJsonObject(annotations) ? annotations['title'] : undefined);
  return typeof said === 'string' ? said.slice(0, 200) : '';
}

/** Empty where its server gives none. */
export function descriptionOf({ description }: McpTool): string {
  return typeof description === 'string' ? description : '';
}

/** What a tool may do to things, by its server's word where that is believed. */
type Risk = 'none' | 'changes' | 'destroys';

/** `isTrusted`: its server is believed when it says that a tool does no harm. */
export function riskOf(tool: McpTool, isTrusted: boolean): Risk {
  const hints = isJsonObject(tool.annotations) ? tool.annotations : {};
  if (isTrusted && hints['readOnlyHint'] === true) return 'none';
  if (isTrusted && 'destructiveHint' in hints) return hints['destructiveHint'] === false ? 'changes' : 'destroys';
  // A server that says of itself that it destroys is believed in any case.
  if (hints['destructiveHint'] === true && hints['readOnlyHint'] !== true) return 'destroys';
  return nameStems(tool.name).some(saysDestruction) ? 'destroys' : 'changes';
}
