import { EventMessages } from './event-messages.js';

describe('messages on a stream of events', () => {
  // Whoever has read for some milliseconds waits for another turn: on a busy machine these few would.
  beforeEach(() => void jest.spyOn(performance, 'now').mockReturnValue(1_000));
  afterEach(() => jest.restoreAllMocks());

  const read = (text: string, takesOther?: (type: string | undefined, data: string) => boolean) => {
    const taken: unknown[] = [];
    let noise = 0;
    const messages = new EventMessages(
      ({ id }) => taken.push(id),
      () => (noise += 1),
      takesOther && { takesOther },
    );
    expect(messages.feed(Buffer.from(text))).toBeUndefined();
    return { taken, noise, lastEventId: messages.lastEventId };
  };
  const message = (id: number) => `{"jsonrpc":"2.0","id":${id},"result":{}}`;

  it('[T2] are taken in order, one by one or as a batch', () => {
    const text = `id: a\ndata: ${message(1)}\n\nevent: message\nid: b\ndata: [${message(2)},${message(3)}]\n\n`;
    expect(read(text)).toEqual({ taken: [1, 2, 3], noise: 0, lastEventId: 'b' });
  });

  it('[T2] have noise beside them: comments, events without data, of other types, that hold no message', () => {
    const text = `: comment\n\ndata:\n\nevent: ping\ndata: 1\n\ndata: no JSON\n\ndata: ${message(1)}\n\n`;
    expect(read(text)).toEqual({ taken: [1], noise: 4, lastEventId: undefined });
  });

  it('[T2] leave events of other types to whoever knows them', () => {
    const seen: unknown[] = [];
    const takesOther = (type: string | undefined, data: string) => seen.push([type, data]) > 0 && type === 'endpoint';
    expect(read('event: endpoint\ndata: /post\n\nevent: ping\ndata: 1\n\n', takesOther)).toMatchObject({ taken: [], noise: 1 });
    expect(seen).toEqual([
      ['endpoint', '/post'],
      ['ping', '1'],
    ]);
  });
});
