import { AskedRequests } from '../asked-requests.js';
import type { Reply } from '../questions/call-questions.js';
import type { RpcMessage } from '../call/call-answer.js';
import { CallsInFlight } from '../call/calls-in-flight.js';
import { PingInFlight } from './ping-in-flight.js';
import { ServerMessages, type Way } from './server-messages.js';

/** The one way on which a server's messages of every kind come, over stdio and SSE: answers to calls, to the SDK, and what answers nothing. */
export class SharedWay {
  readonly calls = new CallsInFlight();
  readonly asked = new AskedRequests();
  readonly ping = new PingInFlight();
  /** Of messages that are not of calls. */
  receivedBytes = 0;
  readonly messages: ServerMessages;

  /** `reply` sends a message to the server, as text. */
  constructor(
    way: Way,
    private readonly reply: Reply,
  ) {
    this.messages = new ServerMessages(way);
  }

  /** Takes a message; gives the reason why the server is to be parted from, if it is. */
  take(message: RpcMessage, text: string): string | undefined {
    if (message.method === undefined && this.ping.receive(message.id)) return undefined;
    if (this.calls.receive(message, text)) return message.method === undefined ? undefined : this.messages.counted();
    if (message.method !== undefined && this.calls.receiveAside(message, text, this.reply)) return this.messages.counted();
    this.receivedBytes += text.length;
    this.asked.received(message);
    return this.messages.take(message);
  }
}
