import { Injectable } from '@nestjs/common';
import { toolsToDocument } from '@app/mcp-openapi';
import { VERSION } from '../config/version.js';
import { type CatalogEntry, type CatalogSnapshot, findEntry } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import { CachedDocument } from './cached-document.js';

/** Where a document is read: its paths are relative to that place (Open WebUI calls the connection's URL + path). */
export type DocumentBase = '/' | '/v1';

/** The OpenAPI documents of the tools as they are now, and the plain lists of MCP. Made once for each revision, on the first request. */
@Injectable()
export class ToolDocuments {
  private revision = -1;
  private documents = new Map<string, CachedDocument>();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly mcpClient: McpClient,
  ) {}

  openApi(base: DocumentBase): CachedDocument {
    return this.cached(`openapi ${base}`, ({ entries }) => this.toOpenApi([...entries.values()], base));
  }

  /** `{tools}` as `tools/list` gives them, under their published names. */
  mcp(): CachedDocument {
    return this.cached('mcp', ({ entries }) => ({ tools: [...entries.values()].map(toPublishedMcp) }));
  }

  /** The document of one tool alone; undefined if there is none of this name. */
  openApiOf(name: string): CachedDocument | undefined {
    const entry = findEntry(this.catalog.snapshot(), name);
    return entry && this.cached(`openapi tool ${entry.publishedName}`, () => this.toOpenApi([entry], '/v1'));
  }

  /** One tool as `tools/list` gives it; undefined if there is none of this name. */
  mcpOf(name: string): CachedDocument | undefined {
    const entry = findEntry(this.catalog.snapshot(), name);
    return entry && this.cached(`mcp tool ${entry.publishedName}`, () => toPublishedMcp(entry));
  }

  private toOpenApi(tools: readonly CatalogEntry[], base: DocumentBase): unknown {
    const prefix = base === '/' ? '/v1/tools' : '/tools';
    return toolsToDocument({ tools, info: this.info(), pathOf: (publishedName) => `${prefix}/${publishedName}` });
  }

  /** A single server is introduced by its own words. */
  private info(): { title: string; version: string; description?: string } {
    const [only, ...others] = this.mcpClient.upstreams;
    const instructions = others.length === 0 ? only?.status().server?.instructions : undefined;
    return {
      title: 'MCP tools',
      version: VERSION,
      description: instructions ?? 'The tools of the MCP servers behind this gateway, as they are now.',
    };
  }

  /** Bounded: at most two documents for each tool, and all of them go with their revision. */
  private cached(key: string, make: (snapshot: CatalogSnapshot) => unknown): CachedDocument {
    const snapshot = this.catalog.snapshot();
    if (this.revision !== snapshot.revision) {
      this.revision = snapshot.revision;
      this.documents = new Map();
    }
    let document = this.documents.get(key);
    if (!document) this.documents.set(key, (document = new CachedDocument(make(snapshot))));
    return document;
  }
}

function toPublishedMcp({ tool, publishedName }: CatalogEntry): unknown {
  return { ...tool, name: publishedName };
}
