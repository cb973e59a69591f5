import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';
import { JoinedPieces } from '../../inbox/joined-pieces.js';
import { LastEventId } from '../headers/last-event-id.js';

/** Whoever reads a stream may count its bytes besides. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

/** Smaller ones are small pieces. */
const PIECE_BYTES = 16 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** What a reader does besides giving data. */
export interface SseReaderOptions {
  readonly maxCharacters: number;
  /** An event has grown beyond the bound: nothing more can be read. */
  onTooLarge(): void;
  /** A comment or an event without data came. */
  onNothing(): void;
}

/** Whether an event of this type holds a message of MCP: clients pass over all others, `ping` above all, with which servers keep streams open. */
export function isMessageEvent(type: string | undefined): boolean {
  return type === undefined || type === 'message';
}

/** Reads server-sent events chunk by chunk and gives the data of each; events without data (keep-alives, priming) are skipped. */
export class SseReader {
  /** What the server wants to be waited for until the stream is opened again. */
  retryMs: number | undefined;
  private readonly lastId = new LastEventId();
  private endedInReturn = false;
  private readonly parts = new JoinedPieces();
  private readonly maxPartBytes: number;
  private decoder = new TextDecoder();
  private readonly parser: EventSourceParser;
  private readonly onNothing: () => void;

  constructor(
    private readonly onData: (data: string, type: string | undefined) => void,
    { maxCharacters = MAX_EVENT_CHARACTERS, onTooLarge = () => undefined, onNothing = () => undefined }: Partial<SseReaderOptions> = {},
  ) {
    this.onNothing = onNothing;
    this.maxPartBytes = maxCharacters;
    this.parser = createParser({
      onEvent: (event) => this.take(event),
      onComment: () => onNothing(),
      onRetry: (ms) => (this.retryMs = ms),
      onError: ({ type }) => type === 'max-buffer-size-exceeded' && onTooLarge(),
      maxBufferSize: maxCharacters,
    });
  }

  feed(chunk: Uint8Array): void {
    const isPart = chunk.length < PIECE_BYTES && chunk.at(-1) !== LF && !chunk.includes(LF) && !chunk.includes(CR);
    if (!isPart && this.parts.length === 0) return this.read(this.decode(chunk));
    this.parts.add(chunk);
    if (!isPart || this.parts.length >= this.maxPartBytes) this.readParts();
  }

  /** Small pieces of a line as one: each by itself would be a text that V8 copies twice before it stays, and an entry of the parser's. */
  private readParts(): void {
    this.read(this.parts.takeText((bytes) => this.decode(bytes)));
  }

  private decode(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true });
  }

  private read(decoded: string): void {
    const text = this.withLineFeeds(decoded);
    this.lastId.feed(text);
    this.parser.feed(text);
  }

  /** The next chunk begins another stream that goes on behind the last event: what was cut off is dropped. */
  restart(): void {
    this.parts.take();
    this.parser.reset();
    this.lastId.restart();
    this.decoder = new TextDecoder();
    this.endedInReturn = false;
  }

  get lastEventId(): string | undefined {
    return this.lastId.value;
  }

  /** All line ends as one (HTML "Parsing an event stream"): the parser would wait behind a CR for the LF that may follow. */
  private withLineFeeds(text: string): string {
    const rest = this.endedInReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.endedInReturn = text.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  }

  private take(event: EventSourceMessage): void {
    if (event.data === '') this.onNothing();
    else this.onData(event.data, event.event);
  }
}
