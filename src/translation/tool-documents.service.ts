import { Injectable, type OnModuleInit } from '@nestjs/common';
import { toolsToDocument } from '@app/mcp-openapi';
import { VERSION } from '../config/version.js';
import { type CatalogEntry, type CatalogSnapshot, findEntry } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import { CachedDocument } from './cached-document.js';
import { type DocumentPart, toPart } from './document-part.js';
import { ToolParts } from './tool-parts.js';

/** Where a document is read: its paths are relative to that place (Open WebUI calls the connection's URL + path). */
export type DocumentBase = '/' | '/v1';

/** The OpenAPI documents of the tools as they are now, and the plain lists of MCP: bytes, made once for each revision from what is kept of each tool. */
@Injectable()
export class ToolDocuments implements OnModuleInit {
  private readonly parts = new ToolParts();
  private revision = -1;
  /** Of one revision; at most two for each tool besides the three of all tools. */
  private documents = new Map<string, Promise<CachedDocument>>();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly mcpClient: McpClient,
  ) {}

  /** A new list is made into a document at once, so that no caller waits for it. */
  onModuleInit(): void {
    this.catalog.onChange(() => void this.openApi('/').catch(() => undefined));
  }

  openApi(base: DocumentBase): Promise<CachedDocument> {
    return this.cached(`openapi ${base}`, ({ entries }) => this.toOpenApi([...entries.values()], base));
  }

  /** `{tools}` as `tools/list` gives them, under their published names. */
  mcp(): Promise<CachedDocument> {
    return this.cached('mcp', async ({ entries }) => {
      const tools = [...entries.values()].map((entry) => this.parts.mcpOf(entry));
      return new CachedDocument([MCP_HEAD, ...joined(tools), MCP_TAIL]);
    });
  }

  /** The document of one tool alone; undefined if there is none of this name. */
  openApiOf(name: string): Promise<CachedDocument> | undefined {
    const entry = findEntry(this.catalog.snapshot(), name);
    return entry && this.cached(`openapi tool ${entry.publishedName}`, () => this.toOpenApi([entry], '/v1'));
  }

  /** One tool as `tools/list` gives it; undefined if there is none of this name. */
  mcpOf(name: string): Promise<CachedDocument> | undefined {
    const entry = findEntry(this.catalog.snapshot(), name);
    return entry && this.cached(`mcp tool ${entry.publishedName}`, async () => new CachedDocument([this.parts.mcpOf(entry)]));
  }

  private async toOpenApi(entries: readonly CatalogEntry[], base: DocumentBase): Promise<CachedDocument> {
    const [head, tail] = this.frame();
    const operations = await this.parts.operationsOf(entries);
    const prefix = base === '/' ? '/v1/tools' : '/tools';
    const items = operations.flatMap((operation, index) => {
      const key = toPart(`${index === 0 ? '' : ','}${JSON.stringify(`${prefix}/${(entries[index] as CatalogEntry).publishedName}`)}:`);
      return [key, operation];
    });
    return new CachedDocument([head, ...items, tail]);
  }

  /** The document without its operations, cut where they belong. */
  private frame(): [DocumentPart, DocumentPart] {
    const text = JSON.stringify(toolsToDocument({ tools: [], info: this.info(), pathOf: (name) => name }));
    const cut = text.indexOf(NO_PATHS) + NO_PATHS.length - 1;
    return [toPart(text.slice(0, cut)), toPart(text.slice(cut))];
  }

  /** A single server is introduced by its own words. */
  private info(): { title: string; version: string; description: string } {
    const [only, ...others] = this.mcpClient.upstreams;
    const instructions = others.length === 0 ? only?.status().server?.instructions : undefined;
    const description = instructions ?? 'The tools of the MCP servers behind this gateway, as they are now.';
    return { title: 'MCP tools', version: VERSION, description };
  }

  private cached(key: string, make: (snapshot: CatalogSnapshot) => Promise<CachedDocument>): Promise<CachedDocument> {
    const snapshot = this.catalog.snapshot();
    if (this.revision !== snapshot.revision) {
      this.revision = snapshot.revision;
      this.documents = new Map();
    }
    let document = this.documents.get(key);
    if (!document) this.documents.set(key, (document = make(snapshot)));
    return document;
  }
}

/** Inside a string its quotes would be escaped. */
const NO_PATHS = '"paths":{}';
const MCP_HEAD = toPart('{"tools":[');
const MCP_TAIL = toPart(']}');
const COMMA = toPart(',');

function joined(parts: readonly DocumentPart[]): DocumentPart[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]));
}
