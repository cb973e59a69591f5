import { isJsonObject, type JsonObject, type ToolResult } from '@app/mcp-openapi';

/** A result of which each link to a resource is followed by a text that says it: Open WebUI's client passes texts and images on, and links not. */
export function withTextOfLinks(result: ToolResult): ToolResult {
  if (!hasLinks(result)) return result;
  const told = contentOf(result).flatMap((item) => (isLink(item) ? [item, { type: 'text', text: textOf(item) }] : [item]));
  const value = { ...result.value, content: told } as ToolResult['value'];
  return { value, text: JSON.stringify(value) };
}

/** Whether there are any. */
export function hasLinks(result: ToolResult): boolean {
  return contentOf(result).some(isLink);
}

function contentOf({ value }: ToolResult): unknown[] {
  const { content } = value as JsonObject;
  return Array.isArray(content) ? content : [];
}

function isLink(item: unknown): item is JsonObject {
  return isJsonObject(item) && item['type'] === 'resource_link';
}

function textOf({ title, name, uri, description }: JsonObject): string {
  const said = [title ?? name, description].filter((text) => typeof text === 'string' && text !== '').join(': ');
  return said === '' ? String(uri) : `${said} (${String(uri)})`;
}
