import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { perTool } from '@app/mcp-openapi';
import { Permissions, type ToolPermissions } from '../auth/permissions.js';
import type { Principal } from '../correlation/principal.js';
import type { CatalogEntry, CatalogSnapshot } from '../discovery/catalog-snapshot.js';
import { viewOf } from '../discovery/catalog-view.js';
import { ToolCatalog } from '../discovery/tool-catalog.service.js';

/** Tools in all views together: each costs a place in two maps. */
const MAX_TOOLS_IN_VIEWS = 100_000;

/** The catalogue as each caller may see it: what is denied is neither listed, nor counted, nor suggested. */
@Injectable()
export class PermittedCatalog {
  private readonly views = new LRUCache<ToolPermissions, CatalogSnapshot>({ maxSize: MAX_TOOLS_IN_VIEWS });
  /** Of what one caller's credentials show besides. */
  private readonly ofLists = perTool((all: CatalogSnapshot) => perTool((permissions: ToolPermissions) => viewOf(all, permissions)));

  constructor(
    private readonly catalog: ToolCatalog,
    private readonly permissions: Permissions,
  ) {}

  /** The same object as long as tools and permissions are the same; the whole snapshot for a caller who may use everything. */
  viewOf(all: CatalogSnapshot, principal: Principal): CatalogSnapshot {
    const permissions = this.permissions.of(principal);
    if (!permissions) return all;
    return all === this.catalog.snapshot() ? this.viewOfAll(all, permissions) : this.ofLists(all)(permissions);
  }

  private viewOfAll(snapshot: CatalogSnapshot, permissions: ToolPermissions): CatalogSnapshot {
    const known = this.views.get(permissions);
    if (known?.revision === snapshot.revision) return known;
    const view = viewOf(snapshot, permissions);
    const size = view === snapshot ? 1 : Math.min(snapshot.servers.size + view.entries.size, MAX_TOOLS_IN_VIEWS);
    this.views.set(permissions, view, { size });
    return view;
  }

  permits(principal: Principal, entry: CatalogEntry): boolean {
    return entry.upstream === undefined || (this.permissions.of(principal)?.permitsTool(entry) ?? true);
  }

  permitsServer(principal: Principal, name: string): boolean {
    return this.permissions.of(principal)?.permitsServer(name) ?? true;
  }
}
