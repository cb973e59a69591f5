import { eachRpcMessage, type RpcMessage } from '../../call/call-answer.js';
import { PacedTexts } from '../../inbox/paced-texts.js';
import { isMessageEvent, SseReader, type SseReaderOptions } from './sse-reader.js';

interface EventMessagesOptions extends Partial<Omit<SseReaderOptions, 'onNothing'>> {
  /** Takes an event that is no message, if it is one that it knows. */
  readonly takesOther?: (type: string | undefined, data: string) => boolean;
}

/** Reads the messages on a stream of events, in turn with other servers'. What is none, or none that is known, is told as `noise`. */
export class EventMessages {
  private readonly texts: PacedTexts;
  private readonly reader: SseReader;

  constructor(take: (message: RpcMessage, text: string) => void, noise: () => void, { takesOther, ...options }: EventMessagesOptions = {}) {
    this.texts = new PacedTexts((data) => eachRpcMessage(data, take) || noise());
    const onEvent = (data: string, type: string | undefined): void => {
      if (isMessageEvent(type)) this.texts.push(data);
      else if (!takesOther?.(type, data)) noise();
    };
    this.reader = new SseReader(onEvent, { ...options, onNothing: noise });
  }

  /** Reads bytes; a promise where some of what they hold has to wait for its turn. */
  feed(chunk: Uint8Array): Promise<void> | undefined {
    this.reader.feed(chunk);
    return this.texts.done();
  }

  get lastEventId(): string | undefined {
    return this.reader.lastEventId;
  }
}
