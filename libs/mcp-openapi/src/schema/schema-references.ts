import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

const MAX_NODES_INDEXED = 20_000;

/** The schema that a `$ref` stands for. */
interface ReferenceTarget {
  readonly schema: unknown;
}

/** Resolves the `$ref`s of one schema within that schema alone; nothing is ever fetched. */
export class SchemaReferences {
  private readonly resolved = new Map<string, ReferenceTarget | undefined>();
  private index: ReferenceIndex | undefined;

  constructor(private readonly root: JsonObject) {}

  /** What `ref` points at: `#`, a JSON pointer, an anchor or an `$id` of this schema; undefined for anything else. */
  resolve(ref: string): ReferenceTarget | undefined {
    if (!this.resolved.has(ref)) this.resolved.set(ref, this.find(ref));
    return this.resolved.get(ref);
  }

  private find(ref: string): ReferenceTarget | undefined {
    const rootId = idOf(this.root);
    const local =
      rootId !== undefined && ref.startsWith(rootId) && (ref.length === rootId.length || ref[rootId.length] === '#')
        ? ref.slice(rootId.length)
        : ref;
    if (local === '' || local === '#') return { schema: this.root };
    this.index ??= indexOf(this.root);
    if (!local.startsWith('#/')) return this.index.named.get(local);
    if (this.index.resources.some((resource) => followPointer(resource, local) !== undefined)) return undefined;
    return followPointer(this.root, local);
  }
}

/** Schemas by anchor (`#name`) and by `$id`, and the schemas inside the root that have an `$id`, and so a pointer space, of their own. */
interface ReferenceIndex {
  readonly named: Map<string, ReferenceTarget>;
  readonly resources: JsonObject[];
}

function indexOf(root: JsonObject): ReferenceIndex {
  const index: ReferenceIndex = { named: new Map(), resources: [] };
  const pending: unknown[] = [root];
  for (let seen = 0; pending.length > 0 && seen < MAX_NODES_INDEXED; seen += 1) {
    const node = pending.pop();
    if (isJsonObject(node)) addToIndex(index, node, node === root);
    if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) pending.push(inner);
  }
  return index;
}

function addToIndex({ named, resources }: ReferenceIndex, node: JsonObject, isRoot: boolean): void {
  const id = idOf(node);
  if (id !== undefined && !isRoot) {
    named.set(id, { schema: node });
    if (!id.startsWith('#')) resources.push(node);
  }
  if (typeof node['$anchor'] === 'string') named.set(`#${node['$anchor']}`, { schema: node });
}

function idOf(node: JsonObject): string | undefined {
  const id = node['$id'] ?? node['id'];
  return typeof id === 'string' && id !== '' ? id.replace(/#$/, '') || undefined : undefined;
}

/** What a JSON pointer in URI fragment form (RFC 6901 section 6) leads to. */
function followPointer(root: unknown, fragment: string): ReferenceTarget | undefined {
  let node: unknown = root;
  for (const step of fragment.slice(2).split('/')) {
    const key = decodeStep(step);
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return { schema: node };
}

function decodeStep(step: string): string {
  return decodePercent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray "%" is no escape; such a key may well exist.
  }
}
