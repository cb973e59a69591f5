import { Inject, Injectable, Logger } from '@nestjs/common';
import { closestNames, inTurns, type JsonObject, type McpTool, operationOf } from '@app/mcp-openapi';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import type { Caller } from '../../../correlation/caller.js';
import type { CatalogEntry } from '../../../discovery/catalog-snapshot.js';
import { Turns } from '../../../event-loop/turns.js';
import { CallerView } from '../../../view/caller-view.js';
import { CallerViews } from '../../../view/caller-views.service.js';
import { refused } from '../openai-error.js';
import { offeredName } from './offered-name.js';

/** What a model is told of a tool, but its name. */
interface Described {
  readonly description: string;
  readonly parameters: JsonObject;
}

/** The tools of the gateway that a model is offered, by the names under which it knows them. */
export class ToolOffer {
  constructor(
    private readonly entries: ReadonlyMap<string, CatalogEntry>,
    /** As `tools` of a completion holds them. */
    readonly definitions: readonly JsonObject[],
  ) {}

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  get(name: string): CatalogEntry | undefined {
    return this.entries.get(name);
  }

  /** Names that may have been meant. */
  closest(name: string): string[] {
    return closestNames(name, this.entries.keys());
  }
}

export const NO_TOOLS = new ToolOffer(new Map(), []);

/** Finds out which tools a caller may use, and describes them for a model. */
@Injectable()
export class ToolOffers {
  private readonly logger = new Logger('chat');
  private readonly described = new WeakMap<McpTool, Described | Promise<Described>>();
  private readonly turns = new Turns();
  private isTold = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'chat'>,
    private readonly views: CallerViews,
  ) {}

  /** The tools that a caller may use. Rejects for headers that no server can be sent. */
  async entriesFor(caller: Caller): Promise<CatalogEntry[]> {
    const view = await this.views.forLists(caller);
    if (!(view instanceof CallerView)) throw refused(view);
    return [...view.permitted.entries.values()];
  }

  /** The same for a model, beside tools of the caller's own, whose names are taken. */
  async for(caller: Caller, taken: ReadonlySet<string>): Promise<ToolOffer> {
    const permitted = await this.entriesFor(caller);
    const entries = permitted.slice(0, this.settings.chat.maxTools);
    if (entries.length < permitted.length) this.tellLeftOut(permitted.length);
    const names = new Set(taken);
    const named = new Map<string, CatalogEntry>();
    const definitions: JsonObject[] = [];
    for (const entry of entries) {
      const name = offeredName(entry, names);
      names.add(name);
      named.set(name, entry);
      const described = this.describe(entry);
      const { description, parameters } = described instanceof Promise ? await described : described;
      definitions.push({ type: 'function', function: { name, description, parameters } });
    }
    return new ToolOffer(named, definitions);
  }

  private describe(entry: CatalogEntry): Described | Promise<Described> {
    const known = this.described.get(entry.tool);
    if (known) return known;
    const made = inTurns(operationOf(entry), this.turns.next);
    const toDescribed = ({ description, requestBody }: Awaited<typeof made>): Described => {
      const described = { description, parameters: requestBody.content['application/json'].schema as JsonObject };
      this.described.set(entry.tool, described);
      return described;
    };
    if (!(made instanceof Promise)) return toDescribed(made);
    const describing = made.then(toDescribed);
    this.described.set(entry.tool, describing);
    return describing;
  }

  private tellLeftOut(tools: number): void {
    if (this.isTold) return;
    this.isTold = true;
    const warning = `Models are offered the first ${this.settings.chat.maxTools} of ${tools} tools (CHAT_MAX_TOOLS). Deny what is not needed, or raise it.`;
    this.logger.warn({ msg: 'tools are not offered', warning });
  }
}
