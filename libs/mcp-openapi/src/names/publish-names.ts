import { hashedName, isLegalName } from './legal-name.js';
import { isReservedName } from './reserved-names.js';

/** A tool as it is named: the server it belongs to and the name that the server knows it by. */
export interface NamedTool {
  readonly server: string;
  readonly name: string;
}

/** `bare` for a server's own document, `prefixed` (`{server}_{tool}`) for a merged one. */
export type NameStyle = 'bare' | 'prefixed';

/**
 * The published names of `tools`, in their order: `^[a-zA-Z0-9_-]{1,64}$`, each once, none that Open WebUI reserves. A name depends on the tool's
 * server and name alone; only tools whose names truly collide, in any order, get the next of their names.
 */
export function publishNames(tools: readonly NamedTool[], style: NameStyle): string[] {
  const choices = tools.map((tool, position) => choiceOf(tool, style, position));
  for (let colliding = collisions(choices); colliding.length > 0; colliding = collisions(choices)) {
    for (const choice of colliding) choice.next += 1;
  }
  return choices.map(nameOf);
}

interface Choice {
  /** The names the tool may get, best first. */
  readonly names: readonly string[];
  /** Whether the first of them is the tool's own, unchanged name, which no other tool of its server has. */
  readonly isOwnName: boolean;
  next: number;
}

function choiceOf({ server, name }: NamedTool, style: NameStyle, position: number): Choice {
  const wanted = style === 'bare' ? name : `${server}_${name}`;
  const identity = `${server}\0${name}`;
  const readable = (isReservedName(wanted) ? [`${server}_${name}`, `mcp_${wanted}`] : [wanted]).filter(mayBePublished);
  const hashed = [identity, `${identity}\0again`, `${identity}\0${position}`].map((seed) => hashedName(wanted, seed));
  return { names: [...readable, ...hashed], isOwnName: readable[0] === name, next: 0 };
}

function mayBePublished(name: string): boolean {
  return isLegalName(name) && !isReservedName(name);
}

/** Those that have to give way: all that share a name, but the one whose own it is. */
function collisions(choices: readonly Choice[]): Choice[] {
  const byName = new Map<string, Choice[]>();
  for (const choice of choices) {
    const sharing = byName.get(nameOf(choice));
    if (sharing) sharing.push(choice);
    else byName.set(nameOf(choice), [choice]);
  }
  return [...byName.values()].filter((sharing) => sharing.length > 1).flatMap(givingWay);
}

function givingWay(sharing: readonly Choice[]): Choice[] {
  const owner = sharing.find((choice) => choice.isOwnName && choice.next === 0);
  return sharing.filter((choice) => choice !== owner && choice.next + 1 < choice.names.length);
}

function nameOf({ names, next }: Choice): string {
  return names[next] as string;
}
