import { identitiesOf, type NamedTool, namesOf, type NameStyle, type Slices, visitEach } from '@app/mcp-openapi';

/** More names than any catalogue holds that is meant; of the names of tools that are gone the oldest are forgotten first. */
const MAX_NAMES = 100_000;

/** Gives tools their published names; a tool that has got one keeps it for the life of the process, also while its server does not list it. */
export class PublishedNames {
  /** By identity. */
  private readonly held = new Map<string, string>();

  constructor(
    private readonly style: NameStyle,
    private readonly maxNames = MAX_NAMES,
  ) {}

  /**
   * The names of `tools`, in their order; `servers` are all that are configured, `others` the tools of each list that is there besides. The
   * slices must be done one list at a time: what was given out between them makes the rest void.
   */
  *publish(
    tools: readonly NamedTool[],
    servers: readonly string[],
    others: () => Iterable<readonly NamedTool[]> = () => [],
  ): Slices<string[]> {
    const identities = identitiesOf(tools);
    yield;
    const known = identities.map((identity) => this.held.get(identity));
    if (!known.includes(undefined)) return known as string[];
    const names = yield* namesOf(tools, { style: this.style, servers, held: this.held });
    yield* visitEach(identities, (identity, index) => this.held.set(identity, names[index] as string));
    if (this.held.size > this.maxNames) yield* this.forget(identities, others());
    return names;
  }

  private *forget(identities: readonly string[], others: Iterable<readonly NamedTool[]>): Slices<void> {
    const current = new Set<string>();
    yield* visitEach(identities, (identity) => current.add(identity));
    for (const tools of others) yield* visitEach(identitiesOf(tools), (identity) => current.add(identity));
    yield* visitEach(this.held.keys(), (identity) => {
      if (this.held.size > this.maxNames && !current.has(identity)) this.held.delete(identity);
    });
  }
}
