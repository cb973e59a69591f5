import net from 'node:net';
import { complete, stream, USER, wordsOf } from './support/chat/chat.ts';
import { type ChatGateway, startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import { LongestTurn } from './support/process/longest-turn.ts';
import { until } from './support/until.ts';

const STREAMS = 60;
const WHOLE = 20;
const EVENT = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] };
const PIECES = Buffer.from(`data: ${JSON.stringify(EVENT)}\n\n`.repeat(3_000));

const closing = closesAfterEach();

/** Asks for a streamed completion and reads nothing of it. */
function asksAndReadsNothing({ url }: ChatGateway): net.Socket {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  const body = JSON.stringify({ model: 'small', stream: true, messages: USER });
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  socket.write([...head, '', body].join('\r\n'));
  return socket.pause();
}

describe('[EP1] answers of models that come all at once', () => {
  const answersTogether = async (chat: ChatGateway, count: number, contentType: string, answer: Buffer) => {
    const { exchanges } = chat.model;
    await until('all are asked', () => exchanges.length === count);
    for (const { response } of exchanges) response.writeHead(200, { 'content-type': contentType }).write(answer);
    return new LongestTurn();
  };

  it('[P2] in streams of many pieces leave others their turn', async () => {
    const chat = await startChat(closing);
    chat.model.script = () => undefined;
    const sockets = Array.from({ length: STREAMS }, () => asksAndReadsNothing(chat));
    const turns = await answersTogether(chat, STREAMS, 'text/event-stream', PIECES);
    const { exchanges } = chat.model;
    await until('all pieces are taken', () => exchanges.every(({ response }) => response.writableLength === 0));
    // All at once cost 260 and more; in slices a turn costs 55 to 80, and twice that on a machine with much else to do.
    expect(turns.stop()).toBeLessThan(200);
    for (const socket of sockets) socket.destroy();
  });

  it('[P2] whole leave others their turn', async () => {
    const chat = await startChat(closing);
    chat.model.script = () => undefined;
    const content = 'é\n'.repeat(1_000_000);
    const answer = JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });
    const asked = Array.from({ length: WHOLE }, () => complete(chat.url));
    const turns = await answersTogether(chat, WHOLE, 'application/json', Buffer.from(answer));
    for (const { response } of chat.model.exchanges) response.end();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(WHOLE).fill(200));
    // All at once cost 440 and more; one after the other a turn costs 50 to 70.
    expect(turns.stop()).toBeLessThan(250);
  });
});

describe('[EP1] the words of a model before it asks for tools', () => {
  it("[P5] are all its client's, and its own again as far as 131,072 characters go, halves of a character that come apart as well", async () => {
    const chat = await startChat(closing);
    const words = ['\ud83d', '\ude00', ...Array.from({ length: 140 }, () => 'x'.repeat(1_000))];
    chat.model.play(
      (exchange) => {
        for (const content of words) exchange.chunk({ content });
        exchange.ask([{ name: 'work' }]);
      },
      (exchange) => exchange.say('Done.'),
    );
    const read = await stream(chat.url);
    expect(wordsOf(read) === `${words.join('')}\n\nDone.`).toBe(true);
    const content = chat.model.exchanges[1]?.asked.messages.at(-2)?.content as string;
    expect(content === words.join('').slice(0, 131_072)).toBe(true);
  });
});
