import type { ToolIndex } from '../discovery/catalog-snapshot.js';
import { CachedDocument } from './cached-document.js';
import { toPart } from './document-part.js';
import { type KnownDocument, PartialDocuments } from './partial-documents.js';

const newIndex = (): ToolIndex => ({ entries: new Map(), byRealName: new Map() });
const documentOf = (bytes: number): KnownDocument => ({
  words: '',
  document: CachedDocument.of([toPart('x'.repeat(bytes))]),
});
/** Adds a document, and waits until it is weighed. */
const add = async (documents: PartialDocuments, part: ToolIndex, bytes: number): Promise<void> => {
  const made = documentOf(bytes);
  documents.set(part, 'openapi', made);
  await made.document;
};

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
    for (const part of parts) await add(documents, part, 300);
    expect(parts.map((part) => documents.get(part, 'openapi') !== undefined)).toEqual([...Array(7).fill(false), true, true, true]);
  });

  describe('of which a thousand bytes are kept', () => {
    const parts = Array.from({ length: 3 }, newIndex);
    const [a, b, c] = parts as [ToolIndex, ToolIndex, ToolIndex];
    let documents: PartialDocuments;
    beforeEach(() => (documents = new PartialDocuments(1_000)));
    const kept = () => parts.map((part) => documents.get(part, 'openapi') !== undefined);

    it('[P5] keeps what was asked for last', async () => {
      await add(documents, a, 400);
      await add(documents, b, 400);
      documents.get(a, 'openapi');
      await add(documents, c, 600);
      expect(kept()).toEqual([true, false, true]);
    });

    it('[P5] keeps the newest, however large', async () => {
      await add(documents, a, 100);
      await add(documents, b, 1_100);
      expect(kept()).toEqual([false, true, false]);
    });

    it('[P5] counts none that is gone', async () => {
      await add(documents, a, 1_000);
      documents.clear();
      expect(kept()).toEqual([false, false, false]);
      await add(documents, b, 500);
      await add(documents, c, 500);
      expect(kept()).toEqual([false, true, true]);
    });
  });
});
