import { Injectable } from '@nestjs/common';
import type { Upstream } from '../../mcp-client/upstream.js';
import { CallerCatalogs } from './caller-catalogs.service.js';
import type { CatalogEntry } from '../catalog-snapshot.js';
import { Discovery } from '../discovery.service.js';
import { ToolCatalog } from '../tool-catalog.service.js';

/** A list of one caller's is asked for anew for unknown names at most this often. */
const UNKNOWN_TOOL_PAUSE_MS = 1_000;

/** Tells whether tools that a call has found are still there. */
@Injectable()
export class ListedTools {
  constructor(
    private readonly catalog: ToolCatalog,
    private readonly callerCatalogs: CallerCatalogs,
    private readonly discovery: Discovery,
  ) {}

  /** What is waited for until there is a list not older than a second; undefined if there is one. `upstream` is where the call went. */
  refresh(upstream: Upstream): Promise<void> | undefined {
    const own = this.callerCatalogs.of(upstream);
    return own ? own.refresh(UNKNOWN_TOOL_PAUSE_MS) : this.discovery.refreshForUnknownTool(upstream);
  }

  /** Whether the last list has the tool. */
  has({ publishedName, tool }: CatalogEntry, upstream: Upstream): boolean {
    const own = this.callerCatalogs.of(upstream)?.list;
    if (own) return own.tools.some(({ name }) => name === tool.name);
    return this.catalog.snapshot().entries.get(publishedName)?.tool.name === tool.name;
  }
}
