import { hashedName, isLegalName } from './legal-name.js';
import { atOnce, type Slices, visitEach } from '../slices.js';
import { isReservedName } from './reserved-names.js';

/** A tool as it is named: the server it belongs to and the name that the server knows it by. */
export interface NamedTool {
  readonly server: string;
  readonly name: string;
}

/** `bare` for a server's own document, `prefixed` (`{server}_{tool}`) for a merged one. */
export type NameStyle = 'bare' | 'prefixed';

/** What names depend on besides the tools themselves. */
interface NameRules {
  readonly style: NameStyle;
  /** Names of all servers, those without tools too; unless told, those of the tools. */
  readonly servers?: readonly string[];
  /** Names that are taken already, by {@link identitiesOf}. */
  readonly held?: ReadonlyMap<string, string>;
}

/**
 * The published names of `tools`, in their order: `^[a-zA-Z0-9_-]{1,64}$`, each once, none that Open WebUI reserves. A tool that holds a name keeps
 * it. Any other name depends on the tool's server and name and on the names of the servers, not on what other servers list: what begins with
 * the name of another server and `_` is that one's. Tools of one server whose names collide, in any order, get the next of their names;
 * what collides even so is the earlier server's.
 */
export function publishNames(tools: readonly NamedTool[], rules: NameRules): string[] {
  return atOnce(namesOf(tools, rules));
}

/** {@link publishNames} in slices. What `rules` hold must stay the same until the last one. */
export function* namesOf(tools: readonly NamedTool[], rules: NameRules): Slices<string[]> {
  const identities = identitiesOf(tools);
  yield;
  const held = rules.held ?? new Map<string, string>();
  const taken = new Set<string>();
  yield* visitEach(held.values(), (name) => taken.add(name));
  const servers = rules.servers ?? [...new Set(tools.map(({ server }) => server))];
  const published = identities.map((identity) => held.get(identity));
  for (const positions of byServer(tools, published)) {
    const choices: Choice[] = [];
    yield* visitEach(positions, (position) =>
      choices.push(choiceOf(tools[position] as NamedTool, identities[position] as string, rules.style, servers)),
    );
    yield* settle(choices, taken);
    yield* visitEach(choices, (choice, index) => {
      published[positions[index] as number] = nameOf(choice);
      taken.add(nameOf(choice));
    });
  }
  return published as string[];
}

/** What stands for each of `tools`: its server and name, and for further ones of the same name which of them it is. */
export function identitiesOf(tools: readonly NamedTool[]): string[] {
  const seen = new Map<string, number>();
  return tools.map(({ server, name }) => {
    const identity = `${server}\0${name}`;
    const before = seen.get(identity) ?? 0;
    seen.set(identity, before + 1);
    return before === 0 ? identity : `${identity}\0${before}`;
  });
}

/** The server that a name in a merged document belongs to: of the names of `servers` that it begins with, the longest. */
export function serverOfName<T extends string>(name: string, servers: readonly T[]): T | undefined {
  let owner: T | undefined;
  for (const server of servers) if (name.startsWith(`${server}_`) && server.length > (owner?.length ?? -1)) owner = server;
  return owner;
}

/** Positions of the tools without a name, those of each server together. */
function byServer(tools: readonly NamedTool[], published: readonly (string | undefined)[]): Iterable<number[]> {
  const positions = new Map<string, number[]>();
  tools.forEach(({ server }, position) => {
    if (published[position] !== undefined) return;
    const ofServer = positions.get(server);
    if (ofServer) ofServer.push(position);
    else positions.set(server, [position]);
  });
  return positions.values();
}

interface Choice {
  /** Names that tell a reader what the tool is, best first; behind them come hashed ones without end. */
  readonly readable: readonly string[];
  readonly wanted: string;
  readonly identity: string;
  next: number;
}

function choiceOf({ server, name }: NamedTool, identity: string, style: NameStyle, servers: readonly string[]): Choice {
  const wanted = style === 'bare' ? name : `${server}_${name}`;
  const readable = isReservedName(wanted) ? [`${server}_${name}`, `mcp_${wanted}`] : [wanted];
  const isOthers = (candidate: string) => style === 'prefixed' && (serverOfName(candidate, servers) ?? server) !== server;
  return { readable: readable.filter((candidate) => mayBePublished(candidate) && !isOthers(candidate)), wanted, identity, next: 0 };
}

function mayBePublished(name: string): boolean {
  return isLegalName(name) && !isReservedName(name);
}

function* settle(choices: readonly Choice[], taken: ReadonlySet<string>): Slices<void> {
  for (;;) {
    const colliding = yield* collisions(choices, taken);
    if (colliding.length === 0) return;
    for (const choice of colliding) choice.next += 1;
  }
}

/** Those that have to give way: all whose name is taken, and all that share one, but the one whose own it is. */
function* collisions(choices: readonly Choice[], taken: ReadonlySet<string>): Slices<Choice[]> {
  const byName = new Map<string, Choice[]>();
  yield* visitEach(choices, (choice) => {
    const sharing = byName.get(nameOf(choice));
    if (sharing) sharing.push(choice);
    else byName.set(nameOf(choice), [choice]);
  });
  const colliding: Choice[] = [];
  yield* visitEach(byName, ([name, sharing]) => {
    if (taken.has(name)) colliding.push(...sharing);
    else if (sharing.length > 1) colliding.push(...givingWay(sharing));
  });
  return colliding;
}

function givingWay(sharing: readonly Choice[]): Choice[] {
  const owner = sharing.find((choice) => nameOf(choice) === choice.wanted);
  return sharing.filter((choice) => choice !== owner);
}

function nameOf({ readable, wanted, identity, next }: Choice): string {
  const again = next - readable.length;
  return readable[next] ?? hashedName(wanted, again === 0 ? identity : `${identity}\0again${again}`);
}
