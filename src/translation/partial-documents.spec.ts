import type { ToolIndex } from '../discovery/catalog-snapshot.js';
import { CachedDocument } from './cached-document.js';
import { toPart } from './document-part.js';
import { type KnownDocument, PartialDocuments } from './partial-documents.js';

const newIndex = (): ToolIndex => ({ entries: new Map(), byRealName: new Map() });
const documentOf = (bytes: number): KnownDocument => ({
  words: '',
  document: CachedDocument.of([toPart('x'.repeat(bytes))]),
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('PartialDocuments', () => {
  it('[AC7] keeps documents apart by what they show and by kind', () => {
    const [documents, some, others] = [new PartialDocuments(), newIndex(), newIndex()];
    const [one, two, three] = [documentOf(1), documentOf(1), documentOf(1)];
    documents.set(some, 'openapi', one);
    documents.set(some, 'mcp', two);
    documents.set(others, 'openapi', three);
    expect([documents.get(some, 'openapi'), documents.get(some, 'mcp'), documents.get(others, 'openapi')]).toEqual([one, two, three]);
    expect(documents.get(others, 'mcp')).toBeUndefined();
    documents.clear();
    expect(documents.get(some, 'openapi')).toBeUndefined();
  });

  it('[P5] drops those that were asked for longest ago when all have too many bytes', async () => {
    const documents = new PartialDocuments(1_000);
    const parts = Array.from({ length: 10 }, newIndex);
    for (const part of parts) {
      documents.set(part, 'openapi', documentOf(300));
      await settled();
    }
    expect(parts.map((part) => documents.get(part, 'openapi') !== undefined)).toEqual([...Array(7).fill(false), true, true, true]);
  });
});
