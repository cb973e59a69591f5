import { Logger } from '@nestjs/common';
import { type McpTool, type NamedTool, type NameStyle, perTool, selectionOf, type Slices, visitEach } from '@app/mcp-openapi';
import { paramHeaderFault } from '@app/mcp-transport';
import type { Upstream } from '../../mcp-client/upstream.js';
import type { CatalogEntry } from '../catalog-snapshot.js';
import { toIndex } from '../list-index.js';
import { PublishedNames } from '../published-names.js';
import type { ServerList } from './server-list.js';
import { isServed } from '../tool-filter.js';

/** A list to be published: what a server told, on the connection `through` which its tools are called. */
export interface ListToPublish {
  readonly upstream: Upstream;
  readonly through: Upstream;
  readonly listed: readonly unknown[];
}

/** The other servers. */
interface Neighbours {
  /** Names of all servers. */
  readonly servers: readonly string[];
  /** Lists whose tools keep their names. */
  readonly lists: () => Iterable<ServerList>;
}

/** Gives the tools of a list their names. The slices of one list must be done before those of the next. */
export class ListPublisher {
  private readonly logger = new Logger('discovery');
  private readonly mergedNames: PublishedNames;
  /** By server: each has a document of its own. */
  private readonly ownNames = new Map<string, PublishedNames>();

  constructor(private readonly naming: NameStyle) {
    this.mergedNames = new PublishedNames(naming);
  }

  *publish({ upstream, through, listed }: ListToPublish, neighbours: Neighbours): Slices<ServerList> {
    const { name, settings } = upstream;
    const tools = yield* this.select(upstream, through, listed);
    const served: McpTool[] = [];
    yield* visitEach(tools, (tool) => isServed(tool.name, settings) && served.push(tool));
    const named = served.map((tool) => ({ server: name, name: tool.name }));
    const names = yield* this.mergedNames.publish(named, neighbours.servers, () => identified(neighbours.lists()));
    const entries = served.map((tool, index): CatalogEntry => {
      return { publishedName: names[index] as string, server: name, tool, upstream: through };
    });
    const ownNames = this.naming === 'bare' ? names : yield* this.ownNamesOf(name).publish(named, [name]);
    const own = { name, upstream, ...(yield* toIndex(entries, ownNames, ({ tool }) => tool.name)) };
    const merged = this.naming === 'bare' ? own : yield* toIndex(entries, names, ({ tool }) => `${name}_${tool.name}`);
    return { tools, listed, merged, own };
  }

  /** The names of a removed server's own document; where all are merged they stay given out. */
  forget(server: string): void {
    this.ownNames.delete(server);
  }

  private *select({ name }: Upstream, through: Upstream, listed: readonly unknown[]): Slices<McpTool[]> {
    const { tools, warnings } = yield* selectionOf(listed);
    const usable = mirrorsArguments(through) ? yield* this.withLegalHeaders(tools, warnings) : tools;
    for (const warning of warnings) {
      this.logger.warn({ msg: 'odd tool in the list', upstream: name, warning });
      yield;
    }
    return usable;
  }

  private *withLegalHeaders(tools: readonly McpTool[], warnings: string[]): Slices<McpTool[]> {
    const usable: McpTool[] = [];
    yield* visitEach(tools, (tool) => {
      const fault = headerFault(tool);
      if (fault === undefined) usable.push(tool);
      else
        warnings.push(
          `Tool ${JSON.stringify(tool.name).slice(0, 200)} is left out: of the headers that its inputSchema asks for, ${fault}.`,
        );
    });
    return usable;
  }

  private ownNamesOf(server: string): PublishedNames {
    let names = this.ownNames.get(server);
    if (!names) this.ownNames.set(server, (names = new PublishedNames('bare')));
    return names;
  }
}

const headerFault = perTool(({ inputSchema }: McpTool) => paramHeaderFault(inputSchema));

/** Whether headers repeat arguments of calls to it: over HTTP since 2026-07-28. */
function mirrorsArguments(upstream: Upstream): boolean {
  const { transport, server } = upstream.status();
  return transport === 'streamable-http' && server?.era !== 'legacy';
}

function* identified(lists: Iterable<ServerList>): Iterable<NamedTool[]> {
  for (const { tools, own } of lists) yield tools.map(({ name }) => ({ server: own.name, name }));
}
