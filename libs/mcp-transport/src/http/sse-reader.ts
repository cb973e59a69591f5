import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';

/** Whoever reads a stream may count its bytes besides. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

interface EventBound {
  readonly maxCharacters: number;
  /** An event has grown beyond the bound: nothing more can be read. */
  onTooLarge(): void;
}

/** Reads server-sent events chunk by chunk and gives the data of each; events without data (keep-alives, priming) are skipped. */
export class SseReader {
  lastEventId: string | undefined;
  private readonly decoder = new TextDecoder();
  private readonly parser: EventSourceParser;

  constructor(
    private readonly onData: (data: string, type: string | undefined) => void,
    { maxCharacters, onTooLarge }: EventBound = { maxCharacters: MAX_EVENT_CHARACTERS, onTooLarge: () => undefined },
  ) {
    this.parser = createParser({
      onEvent: (event) => this.take(event),
      onError: ({ type }) => type === 'max-buffer-size-exceeded' && onTooLarge(),
      maxBufferSize: maxCharacters,
    });
  }

  feed(chunk: Uint8Array): void {
    this.parser.feed(this.decoder.decode(chunk, { stream: true }));
  }

  private take(event: EventSourceMessage): void {
    if (event.id !== undefined) this.lastEventId = event.id;
    if (event.data !== '') this.onData(event.data, event.event);
  }
}
