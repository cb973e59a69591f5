import { isJsonObject, type JsonObject } from '@app/mcp-openapi';

/** Characters of JSON that a session keeps of what its client can do. */
const MAX_CHARACTERS = 4_000;
/** What is asked of them, and what they say of each. */
const ASKED = { elicitation: ['form', 'url'], sampling: ['tools', 'context'], roots: [] } as const;

/** A client's capabilities as long as its session keeps them: as it declared them, of very long ones no more than what it can be asked. */
export function keptCapabilities(declared: unknown): JsonObject {
  if (!isJsonObject(declared)) return {};
  if (JSON.stringify(declared).length <= MAX_CHARACTERS) return declared;
  return present(Object.keys(ASKED), declared, (name, value) => present(ASKED[name as keyof typeof ASKED], value, () => ({})));
}

function present(names: readonly string[], of: JsonObject, kept: (name: string, value: JsonObject) => JsonObject): JsonObject {
  const entries = names.flatMap((name) => {
    const value = of[name];
    return isJsonObject(value) ? [[name, kept(name, value)] as const] : [];
  });
  return Object.fromEntries(entries);
}
