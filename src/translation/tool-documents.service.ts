import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { isJsonObject, type OpenApiDocument, plainText, tagsOf, toolsToDocument } from '@app/mcp-openapi';
import { aboutOf } from '../config/about.js';
import { publicBase, publicPath } from '../config/network/public-base.js';
import { hasCredentials, SETTINGS, type Settings } from '../config/settings.js';
import { VERSION } from '../config/version.js';
import { type CatalogEntry, type CatalogSnapshot, findEntry, type ServerTools, type ToolIndex } from '../discovery/catalog-snapshot.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';
import { McpClient } from '../mcp-client/mcp-client.service.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { EventLoopYield } from '../event-loop/event-loop-yield.js';
import { CachedDocument } from './cached-document.js';
import { type DocumentPart, toPart } from './document-part.js';
import { type KnownDocument, PartialDocuments } from './partial-documents.js';
import { DESCRIPTION_COMPONENTS, DESCRIPTIONS_TAG, descriptionOperation } from './description-operation.js';
import { type ShownTool, ToolParts } from './tool-parts.js';

/** Where a document of all servers is read: its paths are relative to that place (Open WebUI calls the connection's URL + path). */
type DocumentBase = '/' | '/v1';

/** What a document is made of, besides its tools. */
interface Frame {
  readonly info: OpenApiDocument['info'];
  readonly servers: OpenApiDocument['servers'];
  /** In front of the name in each path. */
  readonly path: string;
  /** Whether GET at that path describes the tool. */
  readonly hasDescriptions: boolean;
}

/** Longest words of a server that a document repeats. */
const MAX_TITLE_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 65_536;

/**
 * The OpenAPI documents of the tools as they are now, and the plain lists of MCP: bytes, made once for each revision, and each view of
 * it, from what is kept of each tool. A view is the catalogue's snapshot, or a part of it.
 */
@Injectable()
export class ToolDocuments implements OnModuleInit {
  /** Of the names where all servers are merged, and of those of each server alone. */
  private readonly parts = new ToolParts();
  private readonly ownParts: ToolParts;
  private readonly needsKey: boolean;
  /** The end of a path item, without and with the operation that describes its tool. */
  private readonly ends: readonly [DocumentPart, DocumentPart];
  private revision = -1;
  /** Of one revision; at most two for each tool and one for each server besides the three of all tools. */
  private documents = new Map<string, KnownDocument>();
  /** Of views of that revision. */
  private readonly partial = new PartialDocuments();

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly mcpClient: McpClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.ownParts = settings.naming === 'bare' ? this.parts : new ToolParts();
    this.needsKey = hasCredentials(settings);
    this.ends = [END_OF_PATH, toPart(`,"get":${JSON.stringify(descriptionOperation(this.needsKey, settings.strictAuth))}}`)];
  }

  /** What a new list changes is written at once: a caller waits only for the document to be put together. */
  onModuleInit(): void {
    this.catalog.onChange((changed) => changed && void this.prepare(changed).catch(() => undefined));
  }

  openApi(base: DocumentBase, view: CatalogSnapshot): Promise<CachedDocument> {
    const frame = this.mergedFrame(base);
    return this.cached(`openapi ${base}`, view, frame.info, () => this.toOpenApi([...view.entries.values()], frame, this.parts));
  }

  /** The document of one server, paths relative to `/{server}`; undefined if there is none of this name. */
  openApiOfServer(name: string, view: CatalogSnapshot): Promise<CachedDocument> | undefined {
    const server = view.servers.get(name);
    if (!server) return undefined;
    const info = { ...infoOf(server), ...aboutOf(this.settings) };
    const servers = [{ url: `${this.publicBase}/${encodeURIComponent(name)}` }];
    const frame = { info, servers, path: '/', hasDescriptions: false };
    return this.cached(`openapi server ${name}`, server, info, () => this.toOpenApi(ownTools(server), frame, this.ownParts));
  }

  /** `{tools}` as `tools/list` gives them, under their published names. */
  mcp(view: CatalogSnapshot): Promise<CachedDocument> {
    return this.cached('mcp', view, undefined, async () => {
      const tools = await this.parts.mcpOfAll(view.entries.values());
      return CachedDocument.of([MCP_HEAD, ...joined(tools), MCP_TAIL]);
    });
  }

  /** The document of one tool alone; undefined if there is none of this name. */
  openApiOf(name: string, view: CatalogSnapshot): Promise<CachedDocument> | undefined {
    const entry = findEntry(view, name);
    if (!entry) return undefined;
    const frame = this.mergedFrame('/v1');
    return this.cached(`openapi tool ${entry.publishedName}`, this.otherwise(entry, view), frame.info, () =>
      this.toOpenApi([entry], frame, this.parts),
    );
  }

  /** One tool as `tools/list` gives it; undefined if there is none of this name. */
  mcpOf(name: string, view: CatalogSnapshot): Promise<CachedDocument> | undefined {
    const entry = findEntry(view, name);
    return (
      entry &&
      this.cached(`mcp tool ${entry.publishedName}`, this.otherwise(entry, view), undefined, () =>
        CachedDocument.of([this.parts.mcpOf(entry)]),
      )
    );
  }

  private get publicBase(): string {
    return publicBase(this.settings);
  }

  /** Where clients find the gateway, as a path of the host that they know. */
  get base(): string {
    return publicPath(this.settings);
  }

  /** The view, where it shows another tool under this name than is there for all. */
  private otherwise(entry: CatalogEntry, view: CatalogSnapshot): CatalogSnapshot | undefined {
    return this.catalog.snapshot().entries.get(entry.publishedName) === entry ? undefined : view;
  }

  private async prepare({ name }: Upstream): Promise<void> {
    const tools = this.catalog.snapshot().servers.get(name)?.entries.values();
    await this.parts.operationsOf([...(tools ?? [])]);
  }

  private mergedFrame(base: DocumentBase): Frame {
    const url = base === '/' ? this.publicBase || '/' : `${this.publicBase}/v1`;
    return { info: this.info(), servers: [{ url }], path: base === '/' ? '/v1/tools/' : '/tools/', hasDescriptions: true };
  }

  /** A single server is introduced by its own words. */
  private info(): OpenApiDocument['info'] {
    const { naming, documentTitle, documentDescription, documentVersion } = this.settings;
    const [only, ...others] = this.mcpClient.upstreams;
    const instructions =
      naming === 'bare' && others.length === 0 ? plainText(only?.status().server?.instructions, MAX_DESCRIPTION_LENGTH) : '';
    const description = documentDescription ?? (instructions || 'The tools of the MCP servers behind this gateway, as they are now.');
    return { title: documentTitle ?? 'MCP tools', version: documentVersion ?? VERSION, description, ...aboutOf(this.settings) };
  }

  private async toOpenApi(tools: readonly ShownTool[], frame: Frame, parts: ToolParts): Promise<CachedDocument> {
    const [head, tail] = this.framed(frame, tools);
    const end = this.ends[frame.hasDescriptions ? 1 : 0];
    const operations = await parts.operationsOf(tools);
    const yielding = new EventLoopYield();
    const items: DocumentPart[] = [];
    for (const [index, operation] of operations.entries()) {
      const { publishedName } = tools[index] as ShownTool;
      if (index > 0) items.push(COMMA);
      items.push(parts.keyOf(operation, `${frame.path}${publishedName}`), operation, end);
      if (yielding.isDue) await yielding.yieldNow();
    }
    return CachedDocument.of([head, ...items, tail]);
  }

  /** The document without its operations, cut where they belong. */
  private framed({ info, servers, hasDescriptions }: Frame, tools: readonly ShownTool[]): [DocumentPart, DocumentPart] {
    const isDescribed = hasDescriptions && tools.length > 0;
    const tags = [...tagsOf(tools), ...(isDescribed ? [DESCRIPTIONS_TAG] : [])];
    const components = isDescribed ? DESCRIPTION_COMPONENTS : undefined;
    const { needsKey } = this;
    const text = JSON.stringify(toolsToDocument({ tools: [], info, servers, tags, components, needsKey, pathOf: (name) => name }));
    const cut = text.indexOf(NO_PATHS) + NO_PATHS.length - 1;
    return [toPart(text.slice(0, cut)), toPart(text.slice(cut))];
  }

  /** `index` is what the document shows; undefined where it is the same for all who may see it. */
  private cached(
    kind: string,
    index: ToolIndex | undefined,
    info: OpenApiDocument['info'] | undefined,
    make: () => Promise<CachedDocument>,
  ): Promise<CachedDocument> {
    const snapshot = this.catalog.snapshot();
    if (this.revision !== snapshot.revision) {
      this.revision = snapshot.revision;
      this.documents = new Map();
      this.partial.clear();
    }
    const words = info ? JSON.stringify(info) : '';
    const part = index && !isWhole(index, snapshot) ? index : undefined;
    const known = part ? this.partial.get(part, kind) : this.documents.get(kind);
    if (known?.words === words) return known.document;
    const made = { words, document: make() };
    if (part) this.partial.set(part, kind, made);
    else this.documents.set(kind, made);
    return made.document;
  }
}

function isWhole(index: ToolIndex, snapshot: CatalogSnapshot): boolean {
  return index === snapshot || snapshot.servers.get((index as ServerTools).name) === index;
}

/** As the server introduced itself, now or before it went away. */
function infoOf({ name, upstream }: ServerTools): OpenApiDocument['info'] {
  const { serverInfo, instructions } = upstream?.status().server ?? {};
  const said = isJsonObject(serverInfo) ? serverInfo : {};
  const title = plainText(said['title'], MAX_TITLE_LENGTH) || plainText(said['name'], MAX_TITLE_LENGTH);
  return {
    title: title || plainText(name, MAX_TITLE_LENGTH),
    version: plainText(said['version'], MAX_TITLE_LENGTH) || VERSION,
    description: plainText(instructions, MAX_DESCRIPTION_LENGTH) || `The tools of the MCP server "${plainText(name, MAX_TITLE_LENGTH)}".`,
  };
}

function ownTools({ entries }: ServerTools): ShownTool[] {
  return [...entries].map(([publishedName, { server, tool, upstream }]) => ({ publishedName, server, tool, upstream }));
}

/** Inside a string its quotes would be escaped. */
const NO_PATHS = '"paths":{}';
const MCP_HEAD = toPart('{"tools":[');
const MCP_TAIL = toPart(']}');
const COMMA = toPart(',');
const END_OF_PATH = toPart('}');

function joined(parts: readonly DocumentPart[]): DocumentPart[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [COMMA, part]));
}
