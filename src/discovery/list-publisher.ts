import { Logger } from '@nestjs/common';
import { type McpTool, type NamedTool, type NameStyle, selectionOf, type Slices, visitEach } from '@app/mcp-openapi';
import type { Upstream } from '../mcp-client/upstream.js';
import type { CatalogEntry } from './catalog-snapshot.js';
import { toIndex } from './list-index.js';
import { PublishedNames } from './published-names.js';
import type { ServerList } from './server-list.js';
import { isServed } from './tool-filter.js';

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
    const tools = yield* this.select(name, listed);
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

  private *select(upstream: string, listed: readonly unknown[]): Slices<McpTool[]> {
    const { tools, warnings } = yield* selectionOf(listed);
    for (const warning of warnings) {
      this.logger.warn({ msg: 'odd tool in the list', upstream, warning });
      yield;
    }
    return tools;
  }

  private ownNamesOf(server: string): PublishedNames {
    let names = this.ownNames.get(server);
    if (!names) this.ownNames.set(server, (names = new PublishedNames('bare')));
    return names;
  }
}

function* identified(lists: Iterable<ServerList>): Iterable<NamedTool[]> {
  for (const { tools, own } of lists) yield tools.map(({ name }) => ({ server: own.name, name }));
}
