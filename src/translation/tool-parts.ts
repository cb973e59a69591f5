import { inTurns, type McpTool, type OpenApiOperation, operationOf, type PublishedTool, tellApart } from '@app/mcp-openapi';
import { Breath } from './breath.js';
import { type DocumentPart, toPart } from './document-part.js';

/**
 * What documents say of each tool, as bytes. Kept for as long as the catalogue holds the tool: a new list costs what it changes.
 */
export class ToolParts {
  private readonly operations = new WeakMap<McpTool, { readonly publishedName: string; readonly operation: Promise<OpenApiOperation> }>();
  private readonly operationParts = new WeakMap<OpenApiOperation, DocumentPart>();
  private readonly mcpParts = new WeakMap<McpTool, { readonly publishedName: string; readonly part: DocumentPart }>();

  /** The path item of each tool, in order: `{"post": operation}`. */
  async operationsOf(entries: readonly PublishedTool[]): Promise<DocumentPart[]> {
    const breath = new Breath();
    const operations: OpenApiOperation[] = [];
    for (const entry of entries) {
      operations.push(await this.operationOf(entry, breath));
      await breath.take();
    }
    const parts: DocumentPart[] = [];
    for (const operation of tellApart(operations)) {
      parts.push(this.operationPart(operation));
      await breath.take();
    }
    return parts;
  }

  /** Each tool as `tools/list` gives it, in order. */
  async mcpOfAll(entries: Iterable<PublishedTool>): Promise<DocumentPart[]> {
    const breath = new Breath();
    const parts: DocumentPart[] = [];
    for (const entry of entries) {
      parts.push(this.mcpOf(entry));
      await breath.take();
    }
    return parts;
  }

  /** The tool as `tools/list` gives it, under its published name. */
  mcpOf({ tool, publishedName }: PublishedTool): DocumentPart {
    const known = this.mcpParts.get(tool);
    if (known?.publishedName === publishedName) return known.part;
    const part = toPart(JSON.stringify({ ...tool, name: publishedName }));
    this.mcpParts.set(tool, { publishedName, part });
    return part;
  }

  private operationOf(entry: PublishedTool, breath: Breath): Promise<OpenApiOperation> {
    const { tool, publishedName } = entry;
    const known = this.operations.get(tool);
    if (known?.publishedName === publishedName) return known.operation;
    const operation = inTurns(operationOf(entry), () => breath.take());
    this.operations.set(tool, { publishedName, operation });
    return operation;
  }

  private operationPart(operation: OpenApiOperation): DocumentPart {
    let part = this.operationParts.get(operation);
    if (!part) this.operationParts.set(operation, (part = toPart(JSON.stringify({ post: operation }))));
    return part;
  }
}
