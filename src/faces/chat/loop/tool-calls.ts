import { randomUUID } from 'node:crypto';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { modelFailed } from '../openai-error.js';

/** Of one round: how many calls, and characters of their arguments together. */
const MAX_CALLS = 128;
const MAX_CHARACTERS = 1024 * 1024;

/** A call that a model asks for. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote them: they may be no JSON. */
  readonly args: string;
  /** What else it holds; some servers want it back. */
  readonly more: JsonObject;
}

interface Draft {
  id: string;
  name: string;
  args: string;
  readonly more: Record<string, unknown>;
}

/** Puts the calls of one round together, from the pieces in which they are streamed or whole. */
export class ToolCalls {
  /** In the order in which they began. */
  private readonly drafts: Draft[] = [];
  /** By the index under which their pieces come. */
  private readonly open = new Map<number, Draft>();
  private characters = 0;

  /** `tool_calls` of a message or of a delta. Throws for more than a round may hold. */
  add(pieces: unknown): void {
    for (const piece of Array.isArray(pieces) ? (pieces as unknown[]) : []) if (isJsonObject(piece)) this.addPiece(piece);
  }

  /** In their order, each with an id of its own: some servers give none, or the same one twice. */
  take(): ToolCall[] {
    const ids = new Set<string>();
    return this.drafts.map(({ id, ...draft }) => {
      const own = id === '' || ids.has(id) ? `call_${randomUUID().replaceAll('-', '')}` : id;
      ids.add(own);
      return { id: own, ...draft };
    });
  }

  private addPiece({ index, id, type: _, function: described, ...more }: JsonObject): void {
    const { name, arguments: args } = isJsonObject(described) ? described : {};
    const draft = this.draftFor(index, id, name);
    if (typeof id === 'string' && draft.id === '') draft.id = id;
    // Pieces of a name are rare; a name that is said again with each piece is not.
    if (typeof name === 'string' && name !== draft.name) draft.name += name;
    const text = argumentsText(args);
    draft.args += text;
    // Pieces may be many, and each a little more.
    Object.assign(draft.more, more);
    this.characters += text.length + (typeof name === 'string' ? name.length : 0) + lengthOf(more);
    if (this.characters > MAX_CHARACTERS) throw modelFailed(`The model wrote more than ${MAX_CHARACTERS} characters of arguments.`);
  }

  /** Some servers stream calls without an index, or all under the same one: a piece with another id and a name begins another call. */
  private draftFor(index: unknown, id: unknown, name: unknown): Draft {
    const hasIndex = Number.isSafeInteger(index);
    const known = hasIndex ? this.open.get(index as number) : this.drafts.at(-1);
    const begins = typeof name === 'string' && name !== '';
    const isOther = known !== undefined && begins && (hasId(id) ? known.id !== '' && known.id !== id : !hasIndex);
    if (known && !isOther) return known;
    if (this.drafts.length >= MAX_CALLS) throw modelFailed(`The model asked for more than ${MAX_CALLS} calls at once.`);
    const draft = { id: '', name: '', args: '', more: {} };
    this.drafts.push(draft);
    if (hasIndex) this.open.set(index as number, draft);
    return draft;
  }
}

function lengthOf(more: JsonObject): number {
  return Object.keys(more).length === 0 ? 0 : JSON.stringify(more).length;
}

function hasId(id: unknown): id is string {
  return typeof id === 'string' && id !== '';
}

/** Some servers write the arguments as an object. */
function argumentsText(args: unknown): string {
  if (typeof args === 'string') return args;
  return args === undefined || args === null ? '' : JSON.stringify(args);
}

/** A call as a message of the conversation holds it. */
export function toMessageCall({ id, name, args, more }: ToolCall): JsonObject {
  return { ...more, id, type: 'function', function: { name, arguments: args } };
}
