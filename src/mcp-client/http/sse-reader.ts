import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';

/** An event that grows beyond this is dropped; whoever reads the stream counts its bytes besides. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

/** Reads server-sent events chunk by chunk and gives the data of each; events without data (keep-alives, priming) are skipped. */
export class SseReader {
  lastEventId: string | undefined;
  private readonly decoder = new TextDecoder();
  private readonly parser: EventSourceParser;

  constructor(private readonly onData: (data: string) => void) {
    this.parser = createParser({ onEvent: (event) => this.take(event), maxBufferSize: MAX_EVENT_CHARACTERS });
  }

  feed(chunk: Uint8Array): void {
    this.parser.feed(this.decoder.decode(chunk, { stream: true }));
  }

  private take(event: EventSourceMessage): void {
    if (event.id !== undefined) this.lastEventId = event.id;
    if (event.data !== '') this.onData(event.data);
  }
}
