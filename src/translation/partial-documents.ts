import { LRUCache } from 'lru-cache';
import { perTool } from '@app/mcp-openapi';
import type { ToolIndex } from '../discovery/catalog-snapshot.js';
import type { CachedDocument } from './cached-document.js';

/** Of all of them together; those compressed come on top, a tenth of that. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A document, and what of it can change within a revision: what a server says of itself when it is back. */
export interface KnownDocument {
  readonly words: string;
  readonly document: Promise<CachedDocument>;
}

/** Documents that show a part of the tools, by what they show and by kind; those that were asked for longest ago make room. */
export class PartialDocuments {
  private readonly documents: LRUCache<string, KnownDocument>;
  private lastNumber = 0;
  private readonly numberOf = perTool<ToolIndex, number>(() => (this.lastNumber += 1));

  constructor(private readonly maxBytes = MAX_BYTES) {
    this.documents = new LRUCache({ maxSize: maxBytes });
  }

  get(shown: ToolIndex, kind: string): KnownDocument | undefined {
    return this.documents.get(this.keyOf(shown, kind));
  }

  /** It weighs what it has bytes, once it has them. The newest one stays, however large. */
  set(shown: ToolIndex, kind: string, made: KnownDocument): void {
    const key = this.keyOf(shown, kind);
    this.documents.set(key, made, { size: 1 });
    const weigh = ({ bytes }: CachedDocument): void => {
      if (this.documents.peek(key) !== made) return;
      // What is set again where it is already keeps its size.
      this.documents.delete(key);
      this.documents.set(key, made, { size: Math.min(bytes.length, this.maxBytes) });
    };
    made.document.then(weigh, () => undefined);
  }

  clear(): void {
    this.documents.clear();
  }

  private keyOf(shown: ToolIndex, kind: string): string {
    return `${this.numberOf(shown)} ${kind}`;
  }
}
